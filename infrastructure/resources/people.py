"""The people who may decide: the Cognito pool of the admins, and where functions find it."""

from troposphere import AWSObject, If, Ref, Sub
from troposphere.cognito import (
    AccountRecoverySetting,
    AdminCreateUserConfig,
    PasswordPolicy,
    Policies,
    RecoveryOption,
    TokenValidityUnits,
    UsernameConfiguration,
    UserPool,
    UserPoolClient,
    UserPoolGroup,
)
from troposphere.ssm import Parameter

from infrastructure.names import name, path


def people() -> list[AWSObject]:
    return [pool(), client(), admins(), whereabouts()]


def pool() -> UserPool:
    """Nobody signs up: an admin is created by somebody with access to the account, and put into the group. In a stage
    that lasts, an admin's first login registers an authenticator app, whose code every other asks for; elsewhere it is
    asked for if there is one. The tag lets the API log people in
    here and nowhere else; see `checkout_api.pool`."""
    return UserPool(
        "People",
        UserPoolName=name("people"),
        UserPoolTags={"orderwire": Ref("Stage")},
        AdminCreateUserConfig=AdminCreateUserConfig(AllowAdminCreateUserOnly=True),
        UsernameConfiguration=UsernameConfiguration(CaseSensitive=False),
        Policies=Policies(
            PasswordPolicy=PasswordPolicy(
                MinimumLength=12,
                RequireLowercase=True,
                RequireUppercase=True,
                RequireNumbers=True,
                RequireSymbols=True,
                TemporaryPasswordValidityDays=3,
            )
        ),
        MfaConfiguration=If("Lasting", "ON", "OPTIONAL"),
        EnabledMfas=["SOFTWARE_TOKEN_MFA"],
        AccountRecoverySetting=AccountRecoverySetting(
            RecoveryMechanisms=[RecoveryOption(Name="admin_only", Priority=1)]
        ),
        DeletionProtection=If("Lasting", "ACTIVE", "INACTIVE"),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
    )


def client() -> UserPoolClient:
    """POST /admin/login sends name and password through it, with a permission of IAM. Without one, Cognito takes no
    password from somebody who only knows the client's id, so nobody can go around the API's throttle. The API gives the
    refresh token to nobody: after an hour an admin logs in again, with password and code."""
    return UserPoolClient(
        "PeopleClient",
        ClientName=name("api"),
        UserPoolId=Ref("People"),
        GenerateSecret=False,
        ExplicitAuthFlows=["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        PreventUserExistenceErrors="ENABLED",
        EnableTokenRevocation=True,
        AuthSessionValidity=3,
        AccessTokenValidity=60,
        IdTokenValidity=60,
        RefreshTokenValidity=1,
        TokenValidityUnits=TokenValidityUnits(AccessToken="minutes", IdToken="minutes", RefreshToken="hours"),
    )


def admins() -> UserPoolGroup:
    return UserPoolGroup(
        "Admins", GroupName="admins", UserPoolId=Ref("People"), Description="May decide about orders and the catalog"
    )


def whereabouts() -> Parameter:
    """JSON {"pool_id", "client_id", "issuer"}: what the API needs for logins and for checking tokens."""
    issuer = "https://cognito-idp.${AWS::Region}.${AWS::URLSuffix}/${People}"
    return Parameter(
        "PeopleParameter",
        Name=path("cognito"),
        Type="String",
        Description="Where the API finds the admins' Cognito pool",
        Value=Sub(f'{{"pool_id": "${{People}}", "client_id": "${{PeopleClient}}", "issuer": "{issuer}"}}'),
    )

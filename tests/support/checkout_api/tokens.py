"""Cognito's tokens for tests: keys of its own, and a JWKS document that is never fetched."""

import json
from datetime import timedelta
from functools import cache
from typing import Any

import jwt
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from jwt import PyJWKClient
from jwt.algorithms import RSAAlgorithm
from jwt.exceptions import PyJWKClientConnectionError

from tests.support.edges import NOON

POOL = {
    "pool_id": "eu-central-1_Test",
    "client_id": "client-1",
    "issuer": "https://cognito-idp.eu-central-1.amazonaws.com/eu-central-1_Test",
}


@cache
def private_key(name: str = "pool") -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def jwks(name: str = "pool") -> dict[str, Any]:
    """The public half of `private_key(name)`, as Cognito publishes it."""
    public = json.loads(RSAAlgorithm.to_jwk(private_key(name).public_key()))
    return {"keys": [{**public, "kid": "key-1", "alg": "RS256", "use": "sig"}]}


def claims(**changes: Any) -> dict[str, Any]:
    """An admin's access token of the pool, good for an hour; None leaves a claim out."""
    usual = {
        "sub": "admin-1",
        "iss": POOL["issuer"],
        "token_use": "access",
        "client_id": POOL["client_id"],
        "username": "admin",
        "cognito:groups": ["admins"],
        "iat": int(NOON.timestamp()),
        "exp": int((NOON + timedelta(hours=1)).timestamp()),
    }
    return {name: value for name, value in {**usual, **changes}.items() if value is not None}


def token(key: str = "pool", **changes: Any) -> str:
    return jwt.encode(claims(**changes), private_key(key), algorithm="RS256", headers={"kid": "key-1"})


class Keys(PyJWKClient):
    """PyJWT's own client over a document at hand; None is an endpoint that cannot be reached."""

    def __init__(self, document: dict[str, Any] | None) -> None:
        super().__init__("https://keys.example/jwks.json")
        self.document, self.fetches = document, 0

    def fetch_data(self) -> Any:
        self.fetches += 1
        if self.document is None:
            raise PyJWKClientConnectionError("no answer")
        return self.document


def logged_in(cognito: Any, pool: str, client: str, username: str, password: str) -> Any:
    """The tokens of a user as Cognito gives them, by id of pool and client: AccessToken, IdToken, RefreshToken."""
    return cognito.admin_initiate_auth(
        UserPoolId=pool,
        ClientId=client,
        AuthFlow="ADMIN_USER_PASSWORD_AUTH",
        AuthParameters={"USERNAME": username, "PASSWORD": password},
    )["AuthenticationResult"]

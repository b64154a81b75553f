"""Everything in the stack that holds data is encrypted, and reached over TLS only; everything that does not says so.

Each resource of the template is of a type that is named here, so that a new type makes somebody decide.
"""

import json

import pytest

from infrastructure.stack.template import template
from orderwire.cloudformation.template_bucket import template_url

RESOURCES = template().to_dict()["Resources"]

EXPLAINED = {
    "AWS::Events::EventBus": "EventBridge's own key; see docs/decisions/security.md",
    "AWS::Events::Archive": "as the bus that it keeps",
    "AWS::Logs::LogGroup": "CloudWatch's own key; no line holds personal data or a token",
    "AWS::SecretsManager::Secret": "the account's key for Secrets Manager; nobody outside the account reads one",
    "AWS::SSM::Parameter": "names, no secrets: a secret would be in Secrets Manager",
    "AWS::Cognito::UserPool": "Cognito's own key; passwords are hashed",
}
"""Types that hold something and are encrypted by AWS under a key that the template does not choose."""

HOLD_NOTHING = {
    "AWS::CloudWatch::Alarm",
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::CloudWatch::Dashboard",
    "AWS::Cognito::UserPoolClient",
    "AWS::Cognito::UserPoolGroup",
    "AWS::EventSchemas::Registry",
    "AWS::Events::EventBusPolicy",
    "AWS::Events::Rule",
    "AWS::Glue::Database",
    "AWS::Glue::Table",
    "AWS::KMS::Alias",
    "AWS::Lambda::Permission",
    "AWS::Logs::MetricFilter",
    "AWS::S3::BucketPolicy",
    "AWS::SES::Template",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SQS::QueuePolicy",
}
"""Types that are definitions only: no order and no person is in them."""


def table(properties):
    assert properties["SSESpecification"] == {"SSEEnabled": True}  # AWS's key for DynamoDB, seen in CloudTrail
    assert properties["PointInTimeRecoverySpecification"] == {"PointInTimeRecoveryEnabled": True}


def queue(properties):
    assert properties["SqsManagedSseEnabled"] is True


def topic(properties):
    assert is_our_key(properties["KmsMasterKeyId"])


def bucket(properties):
    [rule] = properties["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    default = rule["ServerSideEncryptionByDefault"]
    assert default["SSEAlgorithm"] == "aws:kms"
    assert is_our_key(default["KMSMasterKeyID"])
    assert set(properties["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(properties["PublicAccessBlockConfiguration"]) == 4
    assert properties["VersioningConfiguration"] == {"Status": "Enabled"}
    assert properties["OwnershipControls"]["Rules"] == [{"ObjectOwnership": "BucketOwnerEnforced"}]
    rules = properties["LifecycleConfiguration"]["Rules"]
    assert any("NoncurrentVersionExpiration" in each for each in rules)
    assert all(each["Status"] == "Enabled" for each in rules)


def work_group(properties):
    configuration = properties["WorkGroupConfiguration"]
    assert configuration["EnforceWorkGroupConfiguration"] is True
    encryption = configuration["ResultConfiguration"]["EncryptionConfiguration"]
    assert encryption["EncryptionOption"] == "SSE_KMS"
    assert is_our_key(encryption["KmsKey"])


def key(properties):
    assert properties["EnableKeyRotation"] is True
    for statement in properties["KeyPolicy"]["Statement"]:
        assert statement["Effect"] == "Deny" or statement["Principal"] != {"AWS": "*"} or "Condition" in statement


CHECKED = {
    "AWS::Athena::WorkGroup": work_group,
    "AWS::DynamoDB::Table": table,
    "AWS::KMS::Key": key,
    "AWS::S3::Bucket": bucket,
    "AWS::SNS::Topic": topic,
    "AWS::SQS::Queue": queue,
}

POLICIES = {
    "AWS::S3::Bucket": ("AWS::S3::BucketPolicy", lambda policy: [policy["Bucket"]]),
    "AWS::SNS::Topic": ("AWS::SNS::TopicPolicy", lambda policy: policy["Topics"]),
    "AWS::SQS::Queue": ("AWS::SQS::QueuePolicy", lambda policy: policy["Queues"]),
}
"""Type -> the type of its policies, and what one of those applies to."""

EVERY_ACTION = {"s3:*", "sqs:*", "sns:Publish"}
"""SNS takes no `sns:*` in a topic's policy; publishing is what sends content."""


def is_our_key(reference):
    name = reference.get("Ref") or reference["Fn::GetAtt"][0]
    return RESOURCES[name]["Type"] == "AWS::KMS::Key"


def of(types):
    return sorted(name for name, each in RESOURCES.items() if each["Type"] in types)


def denied_without_tls(statement):
    return (statement["Effect"], statement["Principal"], statement.get("Condition")) == (
        "Deny",
        "*",
        {"Bool": {"aws:SecureTransport": "false"}},
    )


def test_of_every_type_of_resource_it_is_decided_how_its_data_are_encrypted():
    known = EXPLAINED.keys() | HOLD_NOTHING | CHECKED.keys()
    assert {each["Type"] for each in RESOURCES.values()} - known == set()
    assert len(known) == len(EXPLAINED) + len(HOLD_NOTHING) + len(CHECKED)


@pytest.mark.parametrize("name", of(CHECKED))
def test_what_holds_data_is_encrypted(name):
    resource = RESOURCES[name]
    CHECKED[resource["Type"]](resource["Properties"])


@pytest.mark.parametrize("name", of(POLICIES))
def test_nobody_reaches_what_holds_data_without_tls(name):
    policy_type, applies_to = POLICIES[RESOURCES[name]["Type"]]
    policies = [RESOURCES[each]["Properties"] for each in of({policy_type})]
    statements = [
        statement
        for policy in policies
        if {"Ref": name} in applies_to(policy)
        for statement in policy["PolicyDocument"]["Statement"]
    ]
    denied = [statement for statement in statements if denied_without_tls(statement)]
    assert {action for statement in denied for action in statement["Action"]} & EVERY_ACTION
    if RESOURCES[name]["Type"] == "AWS::S3::Bucket":
        assert len(denied[0]["Resource"]) == 2  # the bucket and its objects


@pytest.mark.parametrize("name", of({"AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy", "AWS::SQS::QueuePolicy"}))
def test_no_policy_of_a_resource_lets_everybody_in(name):
    for statement in RESOURCES[name]["Properties"]["PolicyDocument"]["Statement"]:
        assert statement["Effect"] == "Deny" or "*" not in (statement["Principal"], *statement["Principal"].values())


@pytest.mark.parametrize("name", of({"AWS::SSM::Parameter"}))
def test_a_parameter_holds_no_secret(name):
    value = str(RESOURCES[name]["Properties"]["Value"])
    assert RESOURCES[name]["Properties"]["Type"] == "String"
    assert not any(word in value.lower() for word in ("secret", "password", "token", "key"))


@pytest.mark.parametrize("name", of({"AWS::Logs::LogGroup"}))
def test_a_log_is_kept_for_as_long_as_the_stage_says(name):
    assert RESOURCES[name]["Properties"]["RetentionInDays"] == {"Ref": "LogDays"}


@pytest.mark.parametrize("cut_off", [False, True], ids=["made", "left without a policy by somebody who was cut off"])
def test_the_bucket_of_the_templates_is_reached_over_tls_only(engine, cut_off):
    s3 = engine.client("s3")
    template_url(engine.client, "{}")
    [bucket] = [
        each["Name"] for each in s3.list_buckets()["Buckets"] if each["Name"].startswith("orderwire-templates-")
    ]
    if cut_off:
        s3.delete_bucket_policy(Bucket=bucket)
        template_url(engine.client, "{}")
    [statement] = json.loads(s3.get_bucket_policy(Bucket=bucket)["Policy"])["Statement"]
    assert denied_without_tls(statement)
    assert statement["Resource"] == [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]


def test_admins_have_strong_passwords_short_tokens_and_where_a_stage_lasts_a_second_factor():
    [pool], [client] = (
        [RESOURCES[name]["Properties"] for name in of({f"AWS::Cognito::{type_}"})]
        for type_ in (
            "UserPool",
            "UserPoolClient",
        )
    )
    password = pool["Policies"]["PasswordPolicy"]
    assert password["MinimumLength"] >= 12
    assert all(password[f"Require{kind}"] for kind in ("Lowercase", "Uppercase", "Numbers", "Symbols"))
    assert pool["AdminCreateUserConfig"]["AllowAdminCreateUserOnly"] is True
    assert pool["MfaConfiguration"] == {"Fn::If": ["Lasting", "ON", "OPTIONAL"]}
    assert pool["EnabledMfas"] == ["SOFTWARE_TOKEN_MFA"]
    assert pool["AccountRecoverySetting"]["RecoveryMechanisms"] == [{"Name": "admin_only", "Priority": 1}]
    assert client["PreventUserExistenceErrors"] == "ENABLED"
    assert client["EnableTokenRevocation"] is True
    assert client["TokenValidityUnits"] == {"AccessToken": "minutes", "IdToken": "minutes", "RefreshToken": "hours"}
    assert (client["AccessTokenValidity"], client["IdTokenValidity"], client["RefreshTokenValidity"]) == (60, 60, 1)
    assert "CallbackURLs" not in client  # no hosted page, no redirect to be abused

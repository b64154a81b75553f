"""The role that releases a stage from GitHub: enough for what the stack is made of, and not to lose what it holds."""

import json
from fnmatch import fnmatchcase

import pytest
from cfn_flip import load_yaml
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER

from infrastructure.holdings import held_by
from infrastructure.render import ROOT
from infrastructure.stack import template
from infrastructure.subscription_files import load
from infrastructure.subscription_stack import template as subscription
from orderwire.subscribing.deploying import of_other_teams

STACK = "CloudFormation"
FILE = "infrastructure/release-role.yaml"
ROLE = load_yaml((ROOT / FILE).read_text())["Resources"]
POLICIES = {"ByCloudFormation": STACK, "ByCloudFormationToo": STACK, "ByChalice": "commands"}
"""A managed policy of the role -> who makes its calls."""
LONGEST_POLICY = 6144
"""Characters without white space that IAM takes as a managed policy."""

STACKS = [template(), *map(subscription, of_other_teams(load()))]
TYPES = sorted({each["Type"] for stack in STACKS for each in stack.to_dict()["Resources"].values()})
each_type = pytest.mark.parametrize("type_", TYPES)

NOT_USED = {
    "cognito-idp:AddCustomAttributes": "the pool has none",
    "cognito-idp:ListUserPoolClientSecrets": "the client has none",
    "dynamodb:*Item": "no import from S3",
    "dynamodb:*ContributorInsights": "not switched on",
    "dynamodb:*ImportTable": "no import from S3",
    "dynamodb:*Kinesis*": "no stream",
    "dynamodb:*Replica": "one region",
    "dynamodb:*ResourcePolicy": "tables have none",
    "dynamodb:Query": "no import from S3",
    "dynamodb:Scan": "no import from S3",
    "glue:*Connection": "the data are in S3",
    "glue:GetSchemaVersion": "columns are written out",
    "glue:DeleteConnection": "the data are in S3",
    "iam:*PermissionsBoundary": "roles have none",
    "iam:AttachRolePolicy": "roles have their policy in them",
    "iam:DetachRolePolicy": "roles have their policy in them",
    "iam:UpdateRole": "nothing of it is set",
    "iam:UpdateRoleDescription": "roles have none",
    "kms:DisableKey": "keys stay enabled",
    "logs:*BearerToken*": "not used",
    "logs:*DataProtection*": "not used",
    "logs:*DeletionProtection": "not used",
    "logs:*Index*": "not used",
    "logs:*KmsKey": "under CloudWatch's own key",
    "logs:*LogDelivery": "not used",
    "logs:*ResourcePol*": "not used",
    "s3:*Abac": "not used",
    "s3:*Accelerate*": "not used",
    "s3:*Acl": "owners are enforced",
    "s3:*Analytics*": "not used",
    "s3:*BucketCors": "no pages",
    "s3:*CORS": "no pages",
    "s3:*Encryption": "stays on",
    "s3:*IntelligentTiering*": "not used",
    "s3:*Inventory*": "not used",
    "s3:*Lifecycle": "stays",
    "s3:*Logging": "not used",
    "s3:*Metadata*": "not used",
    "s3:*Metrics*": "not used",
    "s3:*Notification": "not used",
    "s3:*Object*": "objects are the functions' business",
    "s3:*Replication*": "one region",
    "s3:*Website": "no pages",
    "secretsmanager:*Replicat*": "one region",
    "secretsmanager:GetSecretValue": "a release need not see it",
    "sns:PutDataProtectionPolicy": "not used",
}
"""What AWS's schema of a type may need and this template does not -> why."""


def statements():
    for policy, name in POLICIES.items():
        yield from ((name, each) for each in ROLE[policy]["Properties"]["PolicyDocument"]["Statement"])


def actions(statement):
    return [statement["Action"]] if isinstance(statement["Action"], str) else statement["Action"]


def allowed(action, policy):
    return any(fnmatchcase(action, each) for name, one in statements() if name == policy for each in actions(one))


def needed(type_, *handlers):
    """The actions of the type's own service that AWS's schema names for these handlers."""
    schema = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_).schema
    named = {action for one in handlers for action in schema["handlers"].get(one, {}).get("permissions", ())}
    services = {action.split(":")[0] for action in schema["handlers"]["delete"]["permissions"]} & SERVICES
    [service] = services - {"iam"} or services
    return {action for action in named if action.split(":")[0] == service}


SERVICES = {action.split(":")[0] for name, statement in statements() if name == STACK for action in actions(statement)}


def used(action):
    return not any(fnmatchcase(action, pattern) for pattern in NOT_USED)


@each_type
def test_the_role_may_make_and_change_what_the_stack_is_made_of(type_):
    lacking = {action for action in needed(type_, "create", "update", "read") if used(action)}
    assert {action for action in lacking if not allowed(action, STACK)} == set()


@each_type
def test_the_role_cannot_delete_what_holds_data_for_good_and_can_delete_the_rest(type_):
    deletes = {action for action in needed(type_, "delete") if ":Delete" in action or ":Schedule" in action}
    deletes = {action for action in deletes if used(action)}
    goes_with_a_consumer = {"AWS::SQS::Queue", "AWS::Logs::LogGroup"}
    may = held_by(type_) is None or type_ in goes_with_a_consumer
    assert {action for action in deletes if allowed(action, STACK) != may} == set()


def test_what_the_stack_is_made_of_is_touched_through_cloudformation_only():
    for name, statement in statements():
        if name == STACK:
            called_via = statement["Condition"]["ForAnyValue:StringEquals"]
            assert called_via == {"aws:CalledVia": "cloudformation.amazonaws.com"}


def test_a_role_is_passed_to_the_service_that_it_is_for_and_to_no_other():
    passing = [statement for _, statement in statements() if "iam:PassRole" in actions(statement)]
    assert all(actions(statement) == ["iam:PassRole"] for statement in passing)
    to = [statement["Condition"]["StringEquals"]["iam:PassedToService"] for statement in passing]
    assert sorted(to) == ["apigateway.amazonaws.com", "events.amazonaws.com", "lambda.amazonaws.com"]


def test_only_a_job_of_the_stages_environment_gets_the_role():
    [trust] = ROLE["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert trust["Action"] == "sts:AssumeRoleWithWebIdentity"
    assert trust["Condition"] == {
        "StringEquals": {
            "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
            "token.actions.githubusercontent.com:sub": {"Fn::Sub": "repo:${Repository}:environment:${Stage}"},
        }
    }


def test_the_role_cannot_change_itself():
    """Its name is none of those that the functions' roles have."""
    name = ROLE["Role"]["Properties"]["RoleName"]["Fn::Sub"]
    assert name == "orderwire-release-${Stage}"
    writing = [
        one for _, one in statements() if set(actions(one)) & {"iam:PutRolePolicy", "iam:UpdateAssumeRolePolicy"}
    ]
    assert [statement["Resource"]["Fn::Sub"].partition(":role/")[2] for statement in writing] == [
        "orderwire-${Stage}-sub-*",
        "orderwire-${Stage}-*",
    ]


def test_everything_may_be_done_with_what_has_the_stages_name_only():
    """Or is looked at, or is named by an id that AWS gives."""
    for _, statement in statements():
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        for resource in resources:
            text = resource if isinstance(resource, str) else resource["Fn::Sub"]
            named = "${Stage}" in text or "orderwire-" in text or text.endswith((":catalog", "::/account"))
            known_by_tag = "orderwire" in json.dumps(statement.get("Condition", {})).replace("aws:RequestTag/", "")
            by_function = "lambda:FunctionArn" in json.dumps(statement.get("Condition", {}))
            only_looks = all(
                action.split(":")[1].startswith(("Get", "List", "Describe")) or action.startswith("ses:")
                for action in actions(statement)
            )
            assert named or known_by_tag or by_function or only_looks or "/restapis" in text, (text, actions(statement))


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_not_too_long_for_iam(name):
    filled = json.dumps(ROLE[name]["Properties"]["PolicyDocument"], separators=(",", ":"))
    for variable, value in (("Partition", "aws"), ("Region", "ap-southeast-1"), ("AccountId", "111122223333")):
        filled = filled.replace(f"${{AWS::{variable}}}", value)
    filled = filled.replace("${Stage}", "s" * 12).replace('{"Fn::Sub":', "").replace('"}', '"')
    assert len(filled) <= LONGEST_POLICY

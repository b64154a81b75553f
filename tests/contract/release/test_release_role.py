"""The role that releases a stage from GitHub: enough for what the stack is made of, and not to lose what it holds."""

import json
import re
from fnmatch import fnmatchcase

import pytest
from cfn_flip import load_yaml
from cfnlint.data import AdditionalSpecs
from cfnlint.helpers import load_resource
from cfnlint.schema.manager import PROVIDER_SCHEMA_MANAGER
from moto import mock_aws

from consumers.registry import consumers
from edges.connect import Edges
from infrastructure.holdings import held_by
from infrastructure.render import ROOT
from infrastructure.stack.subscription import template as subscription
from infrastructure.stack.template import template
from infrastructure.stages import DEV
from infrastructure.subscriptions.files import load
from orderwire.release.smoke.stuck import stuck
from orderwire.subscriptions.deploying import of_other_teams
from orderwire.workplace.stage import settings_of

QUEUES = "arn:${AWS::Partition}:sqs:${AWS::Region}:${AWS::AccountId}"
STACK, COMMANDS = "CloudFormation", "commands"
FILE = "infrastructure/release-role.yaml"
TEMPLATE = load_yaml((ROOT / FILE).read_text())
ROLE = TEMPLATE["Resources"]
POLICIES = {"ByCloudFormation": STACK, "ByCloudFormationToo": STACK, "ByChalice": COMMANDS, "ByCommands": COMMANDS}
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
    "events:*Permission": "the bus has no policy",
    "firehose:TagDeliveryStream": "no log is delivered anywhere",
    "glue:*Connection": "the data are in S3",
    "glue:GetSchemaVersion": "columns are written out",
    "glue:DeleteConnection": "the data are in S3",
    "iam:CreateServiceLinkedRole": "no replicas, no scaling, and Cognito sends its mails itself",
    "iam:*PermissionsBoundary": "roles have none",
    "iam:AttachRolePolicy": "roles have their policy in them",
    "iam:DetachRolePolicy": "roles have their policy in them",
    "iam:UpdateRole": "nothing of it is set",
    "iam:UpdateRoleDescription": "roles have none",
    "kinesis:*": "no stream",
    "kms:*Grant": "tables are under AWS's own key, which lets in whoever may use them",
    "kms:Decrypt": "who makes something does not read it: a workgroup is made without a query",
    "kms:Encrypt": "the bus, the pool and tables are under AWS's own keys",
    "kms:GenerateDataKey*": "who makes something writes nothing into it",
    "kms:ReEncrypt*": "the bus, its archive and the pool are under AWS's own keys",
    "kms:DisableKey": "keys stay enabled",
    "lakeformation:*": "Glue's own permissions hold",
    "logs:*BearerToken*": "not used",
    "logs:*DataProtection*": "not used",
    "logs:*DeletionProtection": "not used",
    "logs:*Index*": "not used",
    "logs:*KmsKey": "under CloudWatch's own key",
    "logs:*LogDelivery": "not used",
    "logs:*ResourcePol*": "not used",
    "logs:CreateLogStream": "no import from S3",
    "logs:PutLogEvents": "no import from S3",
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
    "s3:*MultipartUpload*": "a workgroup is made without a query",
    "s3:REST.PUT.OBJECT": "no log is delivered anywhere",
    "s3tables:*": "no table buckets",
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
    """The actions that AWS's schema names for these handlers of the type, of whatever service."""
    handled = PROVIDER_SCHEMA_MANAGER.get_resource_schema("us-east-1", type_).schema["handlers"]
    return {action for one in handlers for action in handled.get(one, {}).get("permissions", ())}


def deleting(type_):
    """The actions of the type's own service that make an end of it. What it needs of others for that is theirs."""
    named = needed(type_, "delete")
    services = {action.split(":")[0] for action in named} & SERVICES
    [service] = services - {"iam"} or services
    ends = {action for action in named if action.split(":")[1].startswith(("Delete", "Schedule"))}
    return {action for action in ends if action.split(":")[0] == service and used(action)}


SERVICES = {action.split(":")[0] for name, statement in statements() if name == STACK for action in actions(statement)}


def used(action):
    return not any(fnmatchcase(action, pattern) for pattern in NOT_USED)


@each_type
def test_the_role_may_make_and_change_what_the_stack_is_made_of(type_):
    lacking = {action for action in needed(type_, "create", "update", "read") if used(action)}
    assert {action for action in lacking if not allowed(action, STACK)} == set()


def resources(statement):
    named = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
    return {each if isinstance(each, str) else each["Fn::Sub"] for each in named}


def test_what_aws_knows_no_resource_for_may_be_done_on_any():
    """With a resource of its own such an action would be allowed on none."""
    known = load_resource(AdditionalSpecs, "Policies.json")
    for _, statement in statements():
        for service, action in (each.split(":") for each in actions(statement) if "*" not in each):
            narrower = known[service]["Actions"][action.lower()].get("Resources")
            assert narrower or resources(statement) == {"*"}, f"{service}:{action}"


@pytest.mark.parametrize("type_", ["AWS::KMS::Key", "AWS::KMS::Alias"])
def test_a_key_is_made_before_kms_heeds_its_tag(type_):
    """Which takes up to five minutes: docs.aws.amazon.com/kms/latest/developerguide/abac.html. CloudFormation gives the
    key's policy with its creation."""
    by_tag = [one for _, one in statements() if "aws:ResourceTag/orderwire" in json.dumps(one)]
    heeded = {action for one in by_tag for action in actions(one)}
    others = {action for _, one in statements() if one not in by_tag for action in actions(one)}
    making = {action for action in needed(type_, "create", "read") if used(action)} - {"kms:PutKeyPolicy"}
    assert making & heeded - others == set()


@each_type
def test_of_what_holds_data_the_role_can_delete_queues_and_logs_only_and_it_can_delete_the_rest(type_):
    goes_with_a_consumer = {"AWS::SQS::Queue", "AWS::Logs::LogGroup"}
    may = held_by(type_) is None or type_ in goes_with_a_consumer
    assert {action for action in deleting(type_) if allowed(action, STACK) != may} == set()


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


def trust(**parameters):
    """The conditions under which the role is given away, as CloudFormation writes them with these parameters."""
    given = {name: each.get("Default", "") for name, each in TEMPLATE["Parameters"].items()}
    given |= {"Stage": "prod", "Repository": "octo-org/Shop.orders"} | parameters
    for name, value in given.items():
        assert re.search(TEMPLATE["Parameters"][name].get("AllowedPattern", ""), value), name
    [rule] = TEMPLATE["Rules"]["BothIdsOrNone"]["Assertions"]
    assert written(rule["Assert"], given), rule["AssertDescription"]
    [statement] = ROLE["Role"]["Properties"]["AssumeRolePolicyDocument"]["Statement"]
    assert statement["Action"] == "sts:AssumeRoleWithWebIdentity"
    return written(statement["Condition"], given)


def written(node, given):
    """What CloudFormation makes of it, as far as the trust uses its functions."""
    if isinstance(node, list):
        return [written(each, given) for each in node]
    if not isinstance(node, dict):
        return node
    name, argument = next(iter(node.items()))
    if name in FUNCTIONS:
        return FUNCTIONS[name](written(argument, given), given)
    return {name: written(each, given) for name, each in node.items()}


def filled(text, given):
    text, more = text if isinstance(text, list) else (text, {})
    return re.sub(r"\$\{(\w+)\}", lambda found: {**given, **more}[found[1]], text)


FUNCTIONS = {
    "Ref": lambda name, given: given[name],
    "Fn::If": lambda all_, given: all_[1] if written(TEMPLATE["Conditions"][all_[0]], given) else all_[2],
    "Fn::Equals": lambda pair, _: pair[0] == pair[1],
    "Fn::Not": lambda one, _: not one[0],
    "Fn::And": lambda some, _: all(some),
    "Fn::Or": lambda some, _: any(some),
    "Fn::Split": lambda pair, _: pair[1].split(pair[0]),
    "Fn::Select": lambda pair, _: pair[1][int(pair[0])],
    "Fn::Sub": filled,
}


def lets_in(conditions, **claims):
    """What IAM says of a token with these claims."""
    asked = {name.partition(":")[2]: (fnmatchcase if how == "StringLike" else str.__eq__, wanted)
             for how, each in conditions.items() for name, wanted in each.items()}  # fmt: skip
    assert set(conditions) <= {"StringEquals", "StringLike"}
    return all(holds(claims.get(name, ""), wanted) for name, (holds, wanted) in asked.items())


IDS = {"OwnerId": "123456", "RepositoryId": "456789"}
TOKEN = {
    "aud": "sts.amazonaws.com",
    "sub": "repo:octo-org@123456/Shop.orders@456789:environment:prod",
    "job_workflow_ref": "octo-org/Shop.orders/.github/workflows/release.yml@refs/heads/main",
}
"""What GitHub tells AWS of a job of a repository created since 15 July 2026."""
OLD_TOKEN = TOKEN | {"sub": "repo:octo-org/Shop.orders:environment:prod"}


def test_a_release_job_of_this_repository_gets_the_role():
    assert lets_in(trust(**IDS), **TOKEN)
    assert lets_in(trust(), **OLD_TOKEN)
    assert (ROOT / ".github/workflows/release.yml").exists()


@pytest.mark.parametrize(
    "claims",
    [
        OLD_TOKEN,
        {"sub": "repo:octo-org@123456/Shop.orders@456780:environment:prod"},
        {"sub": "repo:octo-org@123450/Shop.orders@456789:environment:prod"},
        {"sub": "repo:octo-org@123456/Shop.orders@456789:environment:staging"},
        {"sub": "repo:octo-org@123456/Shop.orders@456789:ref:refs/heads/main"},
        {"job_workflow_ref": "octo-org/Shop.orders/.github/workflows/ci.yml@refs/heads/main"},
        {"job_workflow_ref": "octo-org/Shop.orders/.github/workflows/release.yml@refs/heads/main2"},
        {"job_workflow_ref": "octo-org/Shop.orders/.github/workflows/release.yml@refs/tags/main"},
        {"job_workflow_ref": "octo-org/other/.github/workflows/release.yml@refs/heads/main"},
        {"job_workflow_ref": ""},
        {"aud": "https://github.com/octo-org"},
    ],
)
def test_only_a_job_of_the_stages_environment_gets_the_role(claims):
    assert not lets_in(trust(**IDS), **TOKEN | claims)


def test_a_role_without_ids_lets_no_repository_in_whose_tokens_have_them():
    assert not lets_in(trust(), **TOKEN)


@pytest.mark.parametrize("half", [{"OwnerId": "123456"}, {"RepositoryId": "456789"}])
def test_one_id_without_the_other_is_refused(half):
    with pytest.raises(AssertionError, match="go together"):
        trust(**half)


@pytest.mark.parametrize(
    "wrong", [{"OwnerId": "octo-org"}, {"RepositoryId": "*"}, {"Repository": "*/orders"}, {"Ref": "*"}]
)
def test_a_parameter_that_would_let_others_in_is_refused(wrong):
    with pytest.raises(AssertionError, match=next(iter(wrong))):
        trust(**IDS | wrong)


def test_a_stage_may_be_released_from_any_branch_where_somebody_says_so():
    token = TOKEN | {"job_workflow_ref": TOKEN["job_workflow_ref"].replace("main", "feature/x")}
    assert not lets_in(trust(**IDS), **token)
    assert lets_in(trust(**IDS, Ref="refs/heads/*"), **token)


def test_whoever_brings_the_role_up_has_to_say_the_ids():
    """With a default the role of a new repository would be refused without a word."""
    assert all("Default" not in TEMPLATE["Parameters"][name] for name in IDS)


def of_commands(action):
    """The resources for which the commands of a release may call this themselves."""
    found = [one for name, one in statements() if name != STACK and action in actions(one)]
    resources = [one["Resource"] if isinstance(one["Resource"], list) else [one["Resource"]] for one in found]
    return {each if isinstance(each, str) else each["Fn::Sub"] for some in resources for each in some}


@mock_aws
def test_the_role_may_look_where_a_smoke_order_got_stuck():
    """A call is checked against the policy as boto3 makes it."""
    edges, called = Edges(settings_of(DEV)), set()
    for row in consumers():
        for name in (row.name, row.dead_letters):
            edges.clients.sqs.create_queue(QueueName=edges.settings.name(name))
    dead_letters = edges.clients.sqs.get_queue_url(QueueName=edges.settings.name("orders-dlq"))["QueueUrl"]
    edges.clients.sqs.send_message(QueueUrl=dead_letters, MessageBody="{}")
    edges.clients.sqs.meta.events.register("before-call.sqs", lambda model, **_: called.add(f"sqs:{model.name}"))
    stuck(edges, "ord_1", "confirmed", 1, [])
    assert {"sqs:ReceiveMessage", "sqs:ChangeMessageVisibility"} < called
    assert {each for each in called if not of_commands(each) & {f"{QUEUES}:orderwire-${{Stage}}-*"}} == set()


@pytest.mark.parametrize(
    ("action", "resource"),
    [
        ("s3:GetBucketPolicy", "arn:${AWS::Partition}:s3:::orderwire-templates-${AWS::AccountId}-${AWS::Region}"),
        ("ses:GetAccount", "*"),
        ("sns:ListSubscriptionsByTopic", f"{QUEUES.replace('sqs', 'sns')}:orderwire-${{Stage}}-*"),
    ],
)
def test_the_role_may_look_whether_the_account_is_ready(action, resource):
    assert resource in of_commands(action)


def test_the_first_api_of_an_account_makes_api_gateways_role_and_no_other_services():
    [making] = [one for _, one in statements() if "iam:CreateServiceLinkedRole" in actions(one)]
    assert actions(making) == ["iam:CreateServiceLinkedRole"]
    assert making["Condition"] == {"StringEquals": {"iam:AWSServiceName": "ops.apigateway.amazonaws.com"}}
    assert making["Resource"]["Fn::Sub"].endswith(":role/aws-service-role/ops.apigateway.amazonaws.com/*")


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
    """Or is looked at, or is named by an id that AWS gives, or makes a key no weaker."""
    for _, statement in statements():
        resources = statement["Resource"] if isinstance(statement["Resource"], list) else [statement["Resource"]]
        for resource in resources:
            text = resource if isinstance(resource, str) else resource["Fn::Sub"]
            named = (
                "${Stage}" in text
                or "orderwire-" in text
                or text.endswith((":catalog", "::/account", "/ops.apigateway.amazonaws.com/*"))
            )
            known_by_tag = "orderwire" in json.dumps(statement.get("Condition", {})).replace("aws:RequestTag/", "")
            by_function = "lambda:FunctionArn" in json.dumps(statement.get("Condition", {}))
            harmless = all(
                action.split(":")[1].startswith(("Get", "List", "Describe"))
                or action.startswith("ses:")
                or action in {"kms:CreateAlias", "kms:EnableKeyRotation"}
                for action in actions(statement)
            )
            assert named or known_by_tag or by_function or harmless or "/restapis" in text, (text, actions(statement))


@pytest.mark.parametrize("name", POLICIES)
def test_a_policy_is_not_too_long_for_iam(name):
    filled = json.dumps(ROLE[name]["Properties"]["PolicyDocument"], separators=(",", ":"))
    for variable, value in (("Partition", "aws"), ("Region", "ap-southeast-1"), ("AccountId", "111122223333")):
        filled = filled.replace(f"${{AWS::{variable}}}", value)
    filled = filled.replace("${Stage}", "s" * 12).replace('{"Fn::Sub":', "").replace('"}', '"')
    assert len(filled) <= LONGEST_POLICY

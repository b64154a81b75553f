"""The stack of one subscription of another team: its rule, its dead-letter queue, the role and the alarms it needs.

It has a stack of its own so that a team's rule comes and goes without a release of the stage. `may_deliver` is what the
team has to add on its side; nothing here can do that for them.
"""

from collections.abc import Iterator
from typing import Any

from troposphere import AWSObject, Equals, GetAtt, If, Output, Parameter, Ref, Sub, Template
from troposphere.iam import Policy, Role
from troposphere.sqs import Queue

from infrastructure.access import document
from infrastructure.alarms.alarm import WATCHED
from infrastructure.alarms.alarms import dead_letters, undelivered
from infrastructure.alarms.resources import resource
from infrastructure.names import arn, name, title
from infrastructure.resources.queues import DAYS_4
from infrastructure.resources.topics import ALARM_TOPIC
from infrastructure.subscriptions.model import SubscriptionFile
from infrastructure.subscriptions.resources import PARAMETERS, dead_letter_queue, queue_policy, rule, target

STAND_IN = "StandIn"
"""The condition under which the target is a queue of this stack, in place of what the embedded AWS does not have."""

SENDS = {
    "sqs": "sqs:SendMessage",
    "sns": "sns:Publish",
    "lambda": "lambda:InvokeFunction",
    "events": "events:PutEvents",
}
"""Service of a target -> what EventBridge does there."""

DEAD_LETTERS = "DeadLetters"


def stack_name(file_name: str, stage: str) -> str:
    return f"orderwire-{stage}-sub-{file_name}"


def template(file: SubscriptionFile) -> Template:
    """Raises bus.PatternTooLong."""
    stack = Template(Description=f"Orderwire: the subscription {file.name} of {file.team} ({file.contact})")
    stack.set_version("2010-09-09")
    for parameter in parameters(file):
        stack.add_parameter(parameter)
    stack.add_condition(STAND_IN, Equals(Ref("StandInForTarget"), "yes"))
    stack.add_condition(WATCHED, Equals(Ref("Alarms"), "yes"))
    for each in resources(file):
        stack.add_resource(each)
    stack.add_output(Output("Rule", Description="Matches the events", Value=GetAtt(title(file.name, "rule"), "Arn")))
    return stack


def parameters(file: SubscriptionFile) -> Iterator[Parameter]:
    yield Parameter("Stage", Type="String", AllowedPattern="^[a-z][a-z0-9]{0,11}$")
    for logical_id, description in (
        ("Alarms", "yes watches the rule and its dead-letter queue"),
        ("StandInForTarget", "yes puts a queue of this stack in the place of the target"),
    ):
        yield Parameter(logical_id, Type="String", AllowedValues=["yes", "no"], Default="no", Description=description)
    for parameter in sorted(PARAMETERS & set(file.stage_values.values())):
        yield Parameter(parameter, Type="Number")


def resources(file: SubscriptionFile) -> Iterator[AWSObject]:
    waits_for = []
    yield stand_in(file)
    yield queue_policy("StandIn", rules_of(file), Condition=STAND_IN)
    if not file.dead_letter:
        waits_for.append(f"{DEAD_LETTERS}Policy")
        yield dead_letter_queue(DEAD_LETTERS, f"{file.name}-dlq")
        yield queue_policy(DEAD_LETTERS, rules_of(file))
    role = {"RoleArn": GetAtt("Role", "Arn")} if needs_role(file) else {}
    if role:
        yield sender(file)
    letters = filled(file.dead_letter) if file.dead_letter else GetAtt(DEAD_LETTERS, "Arn")
    to = target(file, If(STAND_IN, GetAtt("StandIn", "Arn"), filled(file.target)), letters, **role)
    yield rule(file, Sub("orders-${Stage}"), to, DependsOn=waits_for)
    yield from alarms(file)


def filled(arn_of_a_file: str) -> Any:
    """The ARN with its placeholders, such as `${Stage}`, filled in by CloudFormation."""
    return Sub(arn_of_a_file) if "${" in arn_of_a_file else arn_of_a_file


def rules_of(file: SubscriptionFile) -> list[Any]:
    """The ARNs of the rule, and of the one that stands beside it while it is verified."""
    of_rule = f"rule/orders-${{Stage}}/orderwire-${{Stage}}-{file.name}"
    return [arn("events", of_rule), arn("events", f"{of_rule}-verify")]


def stand_in(file: SubscriptionFile) -> Queue:
    """The queue in place of the target, in which a developer sees what the team would get."""
    return Queue(
        "StandIn",
        Condition=STAND_IN,
        QueueName=name(file.name),
        MessageRetentionPeriod=DAYS_4,
        SqsManagedSseEnabled=True,
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Delete",
    )


def needs_role(file: SubscriptionFile) -> bool:
    """EventBridge sends to another account, and to any event bus, as a role of ours; within the account it is let in by
    the target's own policy."""
    return file.arn.is_elsewhere or file.arn.service == "events"


def sender(file: SubscriptionFile) -> Role:
    """As whom EventBridge sends, to this target only, and under the target's own key if it has one."""
    trust = {"Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": ["sts:AssumeRole"]}
    allow = [{"Effect": "Allow", "Action": [SENDS[file.arn.service]], "Resource": filled(file.target)}]
    if file.key:
        allow.append(
            {"Effect": "Allow", "Action": ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": filled(file.key)}
        )
    return Role(
        "Role",
        RoleName=Sub(stack_name(file.name, "${Stage}")),
        AssumeRolePolicyDocument=document(trust),
        Policies=[Policy(PolicyName="send", PolicyDocument=document(*allow))],
    )


def alarms(file: SubscriptionFile) -> Iterator[AWSObject]:
    """They notify who reads the stage's alarms, and find the team's contact in the rule's description."""
    topic = arn("sns", f"orderwire-${{Stage}}-{ALARM_TOPIC}")
    watched = [undelivered(file.name)]
    if not file.dead_letter:
        watched += dead_letters(file.name, f"{file.name}-dlq")
    for alarm in watched:
        yield resource(alarm, topic)


def may_deliver(file: SubscriptionFile, stage: str, region: str, account: str) -> dict[str, Any]:
    """The statement that the target's own policy needs: for the role in another account, for the rule in this one.
    For a function it is what `aws lambda add-permission` writes."""
    place = {"${Stage}": stage, "${AWS::Region}": region, "${AWS::AccountId}": account, "${AWS::Partition}": "aws"}
    resource_arn = file.target
    for placeholder, value in place.items():
        resource_arn = resource_arn.replace(placeholder, value)
    statement: dict[str, Any] = {
        "Sid": title("orderwire", stage, file.name),
        "Effect": "Allow",
        "Action": SENDS[file.arn.service],
        "Resource": resource_arn,
    }
    if needs_role(file):
        role = f"arn:aws:iam::{account}:role/{stack_name(file.name, stage)}"
        return {**statement, "Principal": {"AWS": role}}
    rules = [
        f"arn:aws:events:{region}:{account}:rule/orders-{stage}/orderwire-{stage}-{file.name}{suffix}"
        for suffix in ("", "-verify")
    ]
    service = {"Service": "events.amazonaws.com"}
    if file.arn.service == "sns":
        return {**statement, "Principal": service}  # EventBridge supports no condition in a topic's policy
    return {**statement, "Principal": service, "Condition": {"ArnEquals": {"aws:SourceArn": rules}}}

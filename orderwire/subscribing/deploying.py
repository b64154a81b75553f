"""Creates, updates and deletes the stack of each subscription of another team."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

from infrastructure.stack import as_body
from infrastructure.stages import Stage
from infrastructure.subscription_files import SubscriptionFile
from infrastructure.subscription_stack import needs_role, stack_name, template
from infrastructure.subscriptions import PARAMETERS, values_of, whole_pattern
from orderwire.patterns.shapes import published
from orderwire.patterns.verdict import verdict
from orderwire.problem import Problem
from orderwire.release.changes import Change
from orderwire.stack import Review, Stack, Tell, whatever
from orderwire.template_bucket import ClientOf, template_url


def of_other_teams(files: Iterable[SubscriptionFile]) -> list[SubscriptionFile]:
    """Those with a stack of their own."""
    return [file for file in files if not file.topic]


def require_heard(file: SubscriptionFile, stage: Stage) -> None:
    """Raises Problem for a rule that would stay silent, or of which nobody can tell that it would not."""
    found = verdict(whole_pattern(file, values_of(stage)), published())
    if not found.hears:
        place = f" (at {found.path})" if found.path else ""
        raise Problem(f"{file.name}: the rule's verdict is {found.verdict}: {found.reason}{place}")


def deploy(client: ClientOf, stage: Stage, file: SubscriptionFile, tell: Tell, review: Review = whatever) -> bool:
    """Creates or updates the stack of a subscription; answers whether anything changed. Raises Problem."""
    if file.topic:
        raise Problem(f"{file.name} ends at our own topic {file.topic}: `orderwire infra {stage.name}` deploys it.")
    require_heard(file, stage)
    if not stage.emulated:
        require_home(client, stage)
    return stack_of(client, stage, file, tell).apply(review)


def require_home(client: ClientOf, stage: Stage) -> None:
    """Raises Problem if the stage has no bus yet."""
    events = client("events")
    try:
        events.describe_event_bus(Name=f"orders-{stage.name}")
    except events.exceptions.ResourceNotFoundException:
        raise Problem(f"Stage {stage.name} has no bus here yet: `orderwire infra {stage.name}` makes it.") from None


def stack_of(client: ClientOf, stage: Stage, file: SubscriptionFile, tell: Tell) -> Stack:
    document = template(file)
    return Stack(
        client("cloudformation"),
        stage,
        stack_name(file.name, stage.name),
        template_url(client, as_body(document)),
        document.to_dict()["Resources"],
        parameters(client, stage, file),
        tell,
        protected=False,
        capabilities=("CAPABILITY_NAMED_IAM",) if needs_role(file) else (),
    )


def parameters(client: ClientOf, stage: Stage, file: SubscriptionFile) -> dict[str, str]:
    used = PARAMETERS & set(file.stage_values.values())
    stands_in = stage.emulated and not is_there(client, stage, file)
    watched = not stage.emulated and stage.parameters["Alarms"] == "yes"
    return {
        "Stage": stage.name,
        "Alarms": "yes" if watched else "no",
        "StandInForTarget": "yes" if stands_in else "no",
        **{name: stage.parameters[name] for name in used},
    }


def is_there(client: ClientOf, stage: Stage, file: SubscriptionFile) -> bool:
    """Whether the embedded AWS has the queue that the rule ends at; of other targets it has none."""
    if file.arn.service != "sqs" or file.arn.is_elsewhere:
        return False
    sqs = client("sqs")
    with suppress(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName=file.arn.resource.replace("${Stage}", stage.name))
        return True
    return False


def deploy_all(client: ClientOf, stage: Stage, files: Iterable[SubscriptionFile], tell: Tell) -> None:
    """Makes the stage's subscriptions those of the files, and no others: for a machine's own stage."""
    others = of_other_teams(files)
    for name in orphans(client, stage, others):
        remove(client, stage, name, tell)
    for file in others:
        deploy(client, stage, file, tell)


def deployed(client: ClientOf, stage: Stage) -> Iterator[str]:
    """Names of the subscriptions that have a stack."""
    prefix = stack_name("", stage.name)
    for page in client("cloudformation").get_paginator("describe_stacks").paginate():
        for stack in page["Stacks"]:
            if stack["StackName"].startswith(prefix) and stack["StackStatus"] != "DELETE_COMPLETE":
                yield stack["StackName"].removeprefix(prefix)


def orphans(client: ClientOf, stage: Stage, files: Iterable[SubscriptionFile]) -> list[str]:
    """Subscriptions that are deployed and have no file any more."""
    return sorted(set(deployed(client, stage)) - {file.name for file in files})


def remove(client: ClientOf, stage: Stage, name: str, tell: Tell) -> None:
    """Deletes the stack of a subscription. Raises Problem while events that it could not deliver wait."""
    waiting = undelivered(client("sqs"), f"orderwire-{stage.name}-{name}-dlq")
    if waiting:
        raise Problem(
            f"{name}: {waiting} events that could not be delivered wait in orderwire-{stage.name}-{name}-dlq. "
            "Deliver or delete them first."
        )
    stack = Stack(client("cloudformation"), stage, stack_name(name, stage.name), "", {}, {}, tell, protected=False)
    stack.delete()


def undelivered(sqs: Any, queue: str) -> int:
    """How many messages are in a queue; 0 if there is no such queue."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    try:
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        return 0
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)


def lines(changes: Sequence[Change]) -> list[str]:
    return [f"{change.action:8} {change.logical_id} ({change.type})" for change in changes]

"""Creates, updates and deletes the stack of each subscription of another team."""

from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import suppress
from typing import Any

from eventbridge_rules.verdict import Verdict, verdict

from consumers.registry import names as consumers
from edges.dead_letters import UNDELIVERED
from infrastructure.resources.topics import TOPICS
from infrastructure.stack.subscription import needs_role, stack_name, template
from infrastructure.stack.text import as_body
from infrastructure.stages import LOCAL, Stage
from infrastructure.subscriptions.model import SubscriptionFile
from infrastructure.subscriptions.resources import PARAMETERS, values_of, whole_pattern
from infrastructure.subscriptions.targets import NOT_OURS, OUR_PARTITION, OUR_REGION
from orderwire.cloudformation.stack import Review, Stack, agree_to_all
from orderwire.cloudformation.template_bucket import ClientOf, template_url
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.contracts.published import published
from orderwire.subscriptions.readers import reader

ReviewOf = Callable[[str], Review]
"""Name of a stack -> who looks at what would change in it."""

TAKEN_ENDS = ("-dlq", "-verify")
"""Endings that no subscription's name may have: of its dead-letter queue, and of the rule with which it is verified."""


def unreviewed(_: str) -> Review:
    return agree_to_all


def of_other_teams(files: Iterable[SubscriptionFile]) -> list[SubscriptionFile]:
    """Those with a stack of their own."""
    return [file for file in files if not file.topic]


def judged(file: SubscriptionFile, stage: Stage) -> Verdict:
    """The verdict on the rule as the stage would have it."""
    return verdict(whole_pattern(file, values_of(stage)), published())


def require_heard(file: SubscriptionFile, stage: Stage) -> Verdict:
    """Raises Problem for a rule that would hear nothing, or that is not known to hear anything."""
    found = judged(file, stage)
    if not found.hears:
        place = f" (at {found.path})" if found.path else ""
        raise Problem(f"{file.name}: the rule's verdict is {found.verdict}: {found.reason}{place}")
    return found


def require_free_name(name: str) -> None:
    """Raises Problem for a name under which the stage has a rule or a queue already."""
    taken = {*consumers(), UNDELIVERED.removesuffix(TAKEN_ENDS[0]), *map(reader, TOPICS)}
    if name in taken or name.endswith(TAKEN_ENDS):
        raise Problem(f"{name}: the stage has something of this name already: give the file another name.")


def deploy(
    client: ClientOf, stage: Stage, file: SubscriptionFile, tell: Tell, review_of: ReviewOf = unreviewed
) -> bool:
    """Creates or updates the stack of a subscription; returns whether anything changed. Raises Problem."""
    require_deployable(client, stage, file, tell)
    return bring(client, stage, file, tell, review_of)


def require_deployable(client: ClientOf, stage: Stage, file: SubscriptionFile, tell: Tell) -> None:
    """Tells what was probably not meant. Raises Problem for what cannot work."""
    if file.topic:
        brings = "make run" if stage.name == LOCAL.name else f"orderwire infra {stage.name}"
        raise Problem(f"{file.name} ends at our own topic {file.topic}: it comes with the stage's stack, `{brings}`.")
    require_free_name(file.name)
    require_reach(client, file)
    for warning in require_heard(file, stage).warnings:
        tell(f"{file.name}: ! {warning.text}" + (f" (at {warning.path})" if warning.path else ""))
    if not stage.emulated:
        require_home(client, stage)


def require_reach(client: ClientOf, file: SubscriptionFile) -> None:
    """Raises Problem for a target in another region or partition that EventBridge cannot send to, or of the saga
    itself."""
    sts = client("sts")
    here, us = sts.meta.region_name, sts.get_caller_identity()
    if file.arn.is_of_a_saga and file.arn.account == us["Account"]:
        raise Problem(f"{file.name}: the target {NOT_OURS}")
    if file.arn.partition not in (OUR_PARTITION, partition := us["Arn"].split(":")[1]):
        raise Problem(f"{file.name}: the target is in {file.arn.partition}, and EventBridge stays within {partition}.")
    if file.arn.service != "events" and file.arn.region not in (OUR_REGION, here):
        raise Problem(
            f"{file.name}: the target is in {file.arn.region} and the bus in {here}. EventBridge reaches another "
            "region through an event bus only: make a bus there the target."
        )


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
    watched = not stage.emulated and stage.parameters["Alarms"] == "yes"
    return {
        "Stage": stage.name,
        "Alarms": "yes" if watched else "no",
        "StandInForTarget": "yes" if stands_in(client, stage, file) else "no",
        **{name: stage.parameters[name] for name in used},
    }


def stands_in(client: ClientOf, stage: Stage, file: SubscriptionFile) -> bool:
    """Whether a queue of ours takes the target's place: in the embedded AWS, which has of other teams' targets only the
    queues that somebody has made there."""
    return stage.emulated and not is_there(client, stage, file)


def is_there(client: ClientOf, stage: Stage, file: SubscriptionFile) -> bool:
    if file.arn.service != "sqs" or file.arn.is_elsewhere:
        return False
    sqs = client("sqs")
    with suppress(sqs.exceptions.QueueDoesNotExist):
        sqs.get_queue_url(QueueName=file.arn.resource.replace("${Stage}", stage.name))
        return True
    return False


def deploy_all(
    client: ClientOf,
    stage: Stage,
    files: Iterable[SubscriptionFile],
    tell: Tell,
    review_of: ReviewOf = unreviewed,
    may_go: Callable[[str], bool] = lambda _: True,
) -> list[str]:
    """Makes the stage's subscriptions those of the files, and no others; returns the names of those that changed.

    `may_go` is asked before a subscription without a file is removed. Raises Problem; for what is wrong with a file,
    before anything is changed.
    """
    others = of_other_teams(files)
    for file in others:
        require_deployable(client, stage, file, tell)
    gone = orphans(client, stage, others)
    require_delivered(client, stage, gone)
    removed = [name for name in gone if may_go(name)]
    for name in removed:
        remove(client, stage, name, tell)
    return removed + [file.name for file in others if bring(client, stage, file, tell, review_of)]


def bring(client: ClientOf, stage: Stage, file: SubscriptionFile, tell: Tell, review_of: ReviewOf) -> bool:
    stack = stack_of(client, stage, file, tell)
    return stack.apply(review_of(stack.name))


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
    require_delivered(client, stage, [name])
    stack = Stack(client("cloudformation"), stage, stack_name(name, stage.name), "", {}, {}, tell, protected=False)
    stack.delete()


def require_delivered(client: ClientOf, stage: Stage, names: Collection[str]) -> None:
    """Raises Problem while events that one of these subscriptions could not deliver wait."""
    for name in names:
        queue = f"orderwire-{stage.name}-{name}-dlq"
        if waiting := undelivered(client("sqs"), queue):
            raise Problem(
                f"{name}: {waiting} events that could not be delivered wait in {queue}, and would be lost.\n"
                f"What they are: orderwire dlq show {name} --stage {stage.name}\n"
                "When the team has what it needs: aws sqs purge-queue --queue-url "
                f"$(aws sqs get-queue-url --queue-name {queue} --query QueueUrl --output text)"
            )


def undelivered(sqs: Any, queue: str) -> int | None:
    """How many messages are in a queue; None if there is no such queue."""
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    try:
        url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    except sqs.exceptions.QueueDoesNotExist:
        return None
    found = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
    return sum(int(found[name]) for name in names)

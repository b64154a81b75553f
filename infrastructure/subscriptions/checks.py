"""What a file of subscriptions/ must not say, although it has the right form.

It names events that exist, reads fields that they have, and passes on no personal field that it does not name in
`discloses`. Secrets never leave.
"""

from collections.abc import Iterator

from infrastructure.subscriptions.input_transformer import input_problems
from infrastructure.subscriptions.model import LONGEST_TEMPLATE, SubscriptionFile
from infrastructure.subscriptions.pattern_form import form_problems, pattern_with
from infrastructure.subscriptions.said_again import conditions, said_again
from infrastructure.subscriptions.targets import key_faults
from schemas.envelope import REGISTRY
from schemas.parse import json_pointer
from schemas.personal import personal_fields, secret_fields

LONGEST_DESCRIPTION = 512
"""Characters that a rule's description may have."""


def problems(file: SubscriptionFile) -> Iterator[str]:
    """What is wrong with a file that has the right form. Raises SubscriptionRefused where no more can be said."""
    if wrong := [*form_problems(file.pattern)]:
        yield from wrong
        return
    yield from said_again(file.pattern)
    yield from secret_problems(file)
    yield from source_problems(file)
    yield from pattern_problems(file)
    yield from discloses_problems(file)
    if file.arn.service == "events":
        yield from bus_problems(file)
    if file.dead_letter:
        yield from dead_letter_problems(file)
    if file.key:
        yield from (f"/key: {fault}" for fault in key_faults(file.key, file.arn))
    if (length := len(file.rule_description)) > LONGEST_DESCRIPTION:
        yield (
            f"/description: with the team and the contact it has {length} characters; a rule's description has at most "
            f"{LONGEST_DESCRIPTION}"
        )
    if file.input:
        yield from input_problems(file.input, file.contracts, file.discloses, file.pattern)
    elif file.told and len(file.told.template) > LONGEST_TEMPLATE:
        yield "has more fields than a transformer takes: say in an input what to tell"


def secret_problems(file: SubscriptionFile) -> Iterator[str]:
    """Whoever hears an event knows that it meets the conditions: enough rules, each of a prefix, spell a secret out."""
    secret = {f"detail.data.{name}" for contract in file.contracts for name in secret_fields(contract)}
    for way, names, _ in conditions(file.pattern, (), (), False):
        if (path := ".".join(names)) in secret:
            name = path.rpartition(".")[2]
            yield f"{json_pointer(('pattern', *way))}: {name} is secret, and who hears of it by a condition knows it"


def source_problems(file: SubscriptionFile) -> Iterator[str]:
    """Sources are said exactly, so that no other event of the same name gets out."""
    sources = sorted({contract.SOURCE for contract in file.contracts})
    said, right = file.pattern.get("source"), f"[{', '.join(sources)}]"
    if said is None:
        yield f"/pattern/source: is missing: write source: {right}, where these events come from"
    elif not isinstance(said, list) or not all(isinstance(each, str) for each in said) or sorted(said) != sources:
        yield f"/pattern/source: must be {right}, exactly where these events come from"


def bus_problems(file: SubscriptionFile) -> Iterator[str]:
    if file.input:
        yield "/input: an event bus takes events as they are, without an input"
    for contract in file.contracts:
        event, secret = contract.DETAIL_TYPE, ", ".join(sorted(secret_fields(contract)))
        hidden = ", ".join(sorted(personal_fields(contract) - file.discloses))
        if secret:
            yield (
                f"/target: an event bus takes events as they are, and {event} has what is secret ({secret}), so it can "
                "never go to a bus: make a queue, topic or function the target"
            )
        elif hidden:
            yield (
                f"/target: an event bus takes events as they are, with the personal fields of {event}: name them "
                f"(discloses: [{hidden}]), or make a queue, topic or function the target"
            )


def dead_letter_problems(file: SubscriptionFile) -> Iterator[str]:
    """EventBridge puts the event itself there, whatever an input leaves out of the message."""
    for contract in file.contracts:
        kept = ", ".join(sorted((personal_fields(contract) - file.discloses) | secret_fields(contract)))
        if kept:
            yield (
                f"/dead_letter: EventBridge puts {contract.DETAIL_TYPE} there as it is, with {kept}, which the file "
                "does not disclose: leave dead_letter out, and what cannot be delivered waits in a queue of the stage's"
            )


def pattern_problems(file: SubscriptionFile) -> Iterator[str]:
    metadata = file.pattern.get("detail", {}).get("metadata", {})
    majors = {key for key in REGISTRY if key[0] in file.pattern["detail-type"]}
    if len(majors) > len(file.contracts) and "version" not in metadata:
        yield "one of these events has several versions: say in detail.metadata.version which"
    for pointer, parameter in file.stage_values.items():
        try:
            pattern_with(file.pattern, {pointer: parameter}, {parameter: 0})
        except (KeyError, IndexError, TypeError, ValueError):
            yield f"stage_values: {pointer} is not the place of a number in the pattern"


def discloses_problems(file: SubscriptionFile) -> Iterator[str]:
    for contract in file.contracts:
        for name in sorted(file.discloses & secret_fields(contract)):
            yield f"{name} is secret and leaves the saga not at all"
    known = {name for contract in file.contracts for name in personal_fields(contract)}
    for name in sorted(file.discloses - known):
        yield f"discloses must name personal fields of these events, and no others: {name}"

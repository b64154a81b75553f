"""Where other teams' rules may end: ARNs, as a file of subscriptions/ writes them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import botocore.session
from eventbridge_rules.spelling import nearest

from infrastructure.resources.topics import TOPICS
from infrastructure.stages import STAGES

OUR_PARTITION, OUR_REGION, OUR_ACCOUNT = "${AWS::Partition}", "${AWS::Region}", "${AWS::AccountId}"
KNOWN_VALUES = frozenset({"${Stage}", OUR_PARTITION, OUR_REGION, OUR_ACCOUNT})
EXAMPLE = "arn:aws:sqs:eu-central-1:111122223333:new-orders"

NOT_OURS = "must not be the saga's own: its bus would hear its events again without end, its consumers out of turn"

_NAME = r"(?:[A-Za-z0-9._-]|\$\{[^}]*\})+"
_ARN = re.compile(
    r"arn:(?P<partition>aws[a-z-]*|\$\{AWS::Partition\}):(?P<service>sqs|sns|lambda|events):"
    r"(?P<region>[a-z0-9-]+|\$\{AWS::Region\}):(?P<account>[0-9]{12}|\$\{AWS::AccountId\}):"
    rf"(?P<resource>function:{_NAME}(?::{_NAME})?|event-bus/{_NAME}|{_NAME})"
)
BEGINS = {"lambda": "function:", "events": "event-bus/"}
"""How the resource of a service begins; a queue's and a topic's is its name."""

_KEY = re.compile(
    r"arn:(?P<partition>aws[a-z-]*|\$\{AWS::Partition\}):kms:(?P<region>[a-z0-9-]+|\$\{AWS::Region\}):[0-9]{12}:"
    r"key/[A-Za-z0-9-]+"
)
EXAMPLE_KEY = "arn:aws:kms:eu-central-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"

_OUR_TOPIC = re.compile(r"orderwire-\$\{Stage\}-([a-z-]+)")
_OF_A_SAGA = re.compile(
    r"event-bus/orders-(?P<bus>\$\{Stage\}|[a-z]+)|(?:function:)?orderwire-(?P<stage>\$\{Stage\}|[a-z]+)(?:[-:].*)?"
)
_VALUE = re.compile(r"\$\{[^}]*\}")


@dataclass(frozen=True)
class Arn:
    """The parts of a target's ARN; partition, region and account may be placeholders of the stack."""

    partition: str
    service: str
    region: str
    account: str
    resource: str

    @classmethod
    def of(cls, text: str) -> "Arn":
        """Raises ValueError."""
        found = _ARN.fullmatch(text)
        if not found or any(
            found["resource"].startswith(begin) != (found["service"] == service) for service, begin in BEGINS.items()
        ):
            raise ValueError(f"must be the ARN of a queue, topic, function or event bus, such as {EXAMPLE}")
        return cls(**found.groupdict())

    @property
    def is_elsewhere(self) -> bool:
        """Whether it names an account of its own, instead of that of the stack."""
        return self.account != OUR_ACCOUNT

    @property
    def is_of_a_saga(self) -> bool:
        """Whether it is named like a stage's own bus, queue, topic or function. The account is not looked at."""
        found = _OF_A_SAGA.fullmatch(self.resource)
        return found is not None and (found["bus"] or found["stage"]) in {"${Stage}", *STAGES}

    @property
    def topic(self) -> str | None:
        """What is behind the stage's name, if it is a topic of the stage."""
        ours = (self.service, self.region, self.account) == ("sns", OUR_REGION, OUR_ACCOUNT)
        found = _OUR_TOPIC.fullmatch(self.resource)
        return found[1] if ours and found else None


@cache
def regions() -> dict[str, str]:
    """Every region that botocore knows, with its partition. Reads a file of a megabyte."""
    session = botocore.session.Session()
    return {
        region: partition
        for partition in session.get_available_partitions()
        for region in session.get_available_regions("sqs", partition)
    }


def check_place(partition: str, region: str) -> None:
    """Raises ValueError for a region that botocore does not know, or knows in another partition."""
    if region == OUR_REGION:
        return
    if region not in regions():
        near = nearest(region, regions(), 0.6)
        raise ValueError(f"botocore knows no region {region}" + (f"; did you mean {near}?" if near else ""))
    if partition not in (OUR_PARTITION, regions()[region]):
        raise ValueError(f"{region} is in the partition {regions()[region]}, not in {partition}")


LONGEST_NAMES = {"sqs": 80, "sns": 256, "lambda": 64, "events": 256}
"""Characters that AWS lets a name have."""


def check_name(arn: Arn) -> None:
    """Raises ValueError for what nothing of that service can be called; a placeholder counts as one letter."""
    name = _VALUE.sub("x", arn.resource).removeprefix(BEGINS.get(arn.service, "")).partition(":")[0]
    if len(name) > LONGEST_NAMES[arn.service]:
        raise ValueError(f"{name} has {len(name)} characters; there it may have {LONGEST_NAMES[arn.service]}")
    if arn.service != "events" and "." in name:
        raise ValueError(f"{name} must not have a dot: no queue, topic or function is named so")


def check_target(text: str) -> str:
    arn = Arn.of(text)
    check_place(arn.partition, arn.region)
    if unknown := set(_VALUE.findall(text)) - KNOWN_VALUES:
        raise ValueError(
            f"{', '.join(sorted(unknown))} stands for nothing; there are {', '.join(sorted(KNOWN_VALUES))}"
        )
    if text.endswith(".fifo"):
        raise ValueError("must not be a FIFO queue or topic: events have no order on the bus that it could keep")
    check_name(arn)
    if arn.topic not in (None, *TOPICS):
        raise ValueError(f"the stage's own topics are {', '.join(TOPICS)}")
    if not arn.is_elsewhere and arn.is_of_a_saga and not arn.topic:
        raise ValueError(NOT_OURS)
    return text


def check_dead_letter(text: str | None) -> str | None:
    if text is not None and Arn.of(check_target(text)).service != "sqs":
        raise ValueError("must be the ARN of a queue")
    return text


ENCRYPTED = ("sqs", "sns")
"""Services whose keys whoever sends must be allowed to use; a function or a bus uses its key by itself."""


def key_faults(key: str, target: Arn) -> Iterator[str]:
    """Why the key (an ARN) cannot be the one of this target."""
    found = _KEY.fullmatch(key)
    if not target.is_elsewhere:
        yield "is for a target in another account; in this one the key's own policy lets EventBridge in"
    elif target.service not in ENCRYPTED:
        yield "is for a queue or a topic; a function or an event bus uses its key by itself"
    elif found and OUR_REGION not in (regions := {found["region"], target.region}) and len(regions) > 1:
        yield f"is a key of {found['region']}, and the target is in {target.region}: a key is used in its own region"


def check_key(text: str) -> str:
    """Raises ValueError unless it is the ARN of a key by its id: an alias in a policy grants nothing."""
    found = _KEY.fullmatch(text)
    if not found:
        raise ValueError(f"must be the ARN of a KMS key, by its id, such as {EXAMPLE_KEY}")
    check_place(found["partition"], found["region"])
    return text

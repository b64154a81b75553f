"""What a rule delivers -> a typed event: to a Lambda function, to an SQS queue, to an SNS topic, or through both."""

from collections.abc import Mapping
from functools import cache
from typing import Any

from pydantic import create_model

from .contracts.envelope import Event, EventData
from .contracts.parse import ContractError, document_in, event_in, parse_entry, unwrap
from .contracts.personal import personal_fields


def parse(record: Mapping[str, Any] | str) -> Event[EventData]:
    """The typed event in `record`: an EventBridge event, a record of a Lambda event from SQS or SNS, a message that was
    received from SQS, or the JSON text of any of these.

    Fields that the classes do not know are left out. A personal field that the rule does not disclose is None, and so
    is every payment token. Raises ContractError, with the JSON pointer of each bad field and never its value.
    """
    entry = entry_in(document_in(record) if isinstance(record, str) else record)
    told = data_of(entry)
    return parse_entry(entry, lambda contract: as_told(contract, missing(contract, told)))


def entry_in(record: Mapping[str, Any]) -> Mapping[str, Any]:
    """The EventBridge event in a record. Raises ContractError."""
    match record:
        case {"detail-type": _}:
            return record
        case {"body": str(body)} | {"Body": str(body)}:
            return unwrap(body)
        case {"Sns": {"Message": message}} | {"Type": "Notification", "Message": message}:
            return event_in({"Type": "Notification", "Message": message})
    raise ContractError("record", [("", "is neither an EventBridge event nor a record of SQS or SNS")])


def data_of(entry: Mapping[str, Any]) -> set[str]:
    """Names of the fields of the event's data that say something."""
    match entry:
        case {"detail": {"data": dict(data)}}:
            return {name for name, value in data.items() if value is not None}
    return set()


def missing(contract: type[EventData], told: set[str]) -> frozenset[str]:
    """The personal fields that were left out of the event, and that its class requires."""
    hidden = personal_fields(contract) - told
    return frozenset(name for name in hidden if contract.model_fields[name].is_required())


@cache
def as_told(contract: type[EventData], undisclosed: frozenset[str]) -> type[EventData]:
    """The class of the same event in which these fields may be missing."""
    if not undisclosed:
        return contract
    types: dict[str, Any] = {name: contract.model_fields[name].annotation for name in undisclosed}
    fields: dict[str, Any] = {name: (type_ | None, None) for name, type_ in types.items()}
    declared = {"detail_type": contract.DETAIL_TYPE, "source": contract.SOURCE, "key": contract.KEY}
    return create_model(
        contract.__name__,
        __base__=contract,
        __cls_kwargs__={**declared, "version": contract.VERSION, "listed": False},
        **fields,
    )

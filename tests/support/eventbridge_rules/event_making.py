"""Valid events by the thousand, from a `random.Random`: fast, and written without a look at how shapes are read.

Hypothesis's strategies of `tests.support.schemas.strategies` say the same more slowly, and shrink.
"""

import json
from collections.abc import Callable
from functools import cache
from random import Random
from typing import Any

from schemas.envelope import REGISTRY, EventData, envelope_of
from schemas.example import resolved

ALNUM = "ABCYZabcyz0189"
LENGTHS = (1, 1, 1, 2, 2, 3, 3, 4, 5, 6, 8, 13, 21, 64)


def text(random: Random, more: str, longest: int) -> str:
    return "".join(random.choices(ALNUM + more, k=min(random.choice(LENGTHS), longest)))


def money(random: Random) -> float:
    whole = random.choice([0, 1, 10, 100, 500, 999999999, random.randrange(1000)])
    return random.choice([whole, round(whole + random.randrange(100) / 100, 2), 0.01, 999999999.99])


def count(low: int, high: int) -> Callable[[Random], int]:
    return lambda random: random.choice([low, low + 1, high - 1, high, random.randint(low, min(high, 20))])


def time(random: Random) -> str:
    day = f"{random.choice([2000, 2024, 2026, 2999])}-{random.randint(1, 12):02}-{random.randint(1, 28):02}"
    return f"{day}T{random.randrange(24):02}:30:59.{random.randrange(1000):03}Z"


def hexadecimal(random: Random, digits: int) -> str:
    return f"{random.getrandbits(4 * digits):0{digits}x}"


def event_id(random: Random) -> str:
    parts = [hexadecimal(random, digits) for digits in (8, 4, 3, 3, 12)]
    return f"{parts[0]}-{parts[1]}-5{parts[2]}-{random.choice('89ab')}{parts[3]}-{parts[4]}"


MAKE: dict[str, Callable[[Random], Any]] = {
    "order_id": lambda random: random.choice(["ord_0a1b2c3d4e5f6g7h8j9k0m1n2p", text(random, "_-", 64)]),
    "customer_id": lambda random: random.choice(["cust-1042", "10.0.0.1", text(random, "._@:+-", 64)]),
    "customer_email": lambda random: f"{text(random, '!#&*+._-', 20)}@{text(random, '', 9)}.{text(random, '', 5)}",
    "sku": lambda random: random.choice(["9780141439518", text(random, "._-", 40)]),
    "name": lambda random: random.choice(["Pride and Prejudice", text(random, " *\\é\U0001f4d8\n", 200)]),
    "reason": lambda random: random.choice(["ordered twice", "", text(random, " *\\ß\x00", 500)]) or "a",
    "quantity": count(1, 999),
    "requested": count(1, 999),
    "available": count(0, 1_000_000_000),
    "on_hand": count(0, 1_000_000_000),
    "threshold": count(0, 1_000_000_000),
    "unit_price": money,
    "shipping": money,
    "total": money,
    "amount": money,
    "currency": lambda random: random.choice(["EUR", "USD", "AAA", "ZZZ"]),
    "payment_token": lambda random: text(random, "_-", 255),
    "reference": lambda random: text(random, "_.:-", 255),
    "method": lambda random: random.choice(["card", "invoice"]),
    "placed_at": time,
}


def data_of(contract: type[EventData], random: Random) -> dict[str, Any]:
    return _object(contract.model_json_schema(), random)


def _object(schema: dict[str, Any], random: Random, named: dict[str, Any] | None = None) -> dict[str, Any]:
    named = schema.get("$defs", {}) if named is None else named
    kept = [name for name in schema["properties"] if name in schema.get("required", ()) or random.random() < 0.5]
    return {name: _value(name, resolved(schema["properties"][name], named), random, named) for name in kept}


def _value(name: str, schema: dict[str, Any], random: Random, named: dict[str, Any]) -> Any:
    """By the field's name, and where that is not in `MAKE` by its schema."""
    match schema:
        case {"type": "array", "items": line}:
            return [_object(resolved(line, named), random, named) for _ in range(random.choice([1, 1, 2, 3]))]
        case {"const": only}:
            return only
        case {"enum": choices}:
            return random.choice(choices)
    return (MAKE.get(name) or _maker(name, schema))(random)


def _maker(name: str, schema: dict[str, Any]) -> Callable[[Random], Any]:
    match schema:
        case {"multipleOf": _}:
            return money
        case {"type": "integer", "minimum": low, "maximum": high}:
            return count(low, high)
        case {"format": "date-time"}:
            return time
        case {"type": "string"} if "pattern" not in schema:
            return lambda random: text(random, " *\\\u00df", schema.get("maxLength", 64))
    raise NotImplementedError(
        f"tests/support/eventbridge_rules/event_making.py: add a line to MAKE that makes a {name}: {schema}"
    )


def metadata_of(contract: type[EventData], random: Random) -> dict[str, Any]:
    found = {
        "event_id": event_id(random),
        "version": contract.VERSION,
        "occurred_at": time(random),
        "producer": contract.SOURCE,
        "correlation_id": text(random, "._:/=+-", 128),
        "causation_id": text(random, "._:/=+-", 128),
    }
    if random.random() < 0.5:
        found["traceparent"] = f"00-{hexadecimal(random, 32)}-{hexadecimal(random, 16)}-01"
    return found


def live_event(contract: type[EventData], random: Random) -> dict[str, Any]:
    """An event as a rule hears it, neither a replay nor a smoke order."""
    return {
        "version": "0",
        "id": f"{hexadecimal(random, 8)}-{hexadecimal(random, 4)}-4000-8000-{hexadecimal(random, 12)}",
        "detail-type": contract.DETAIL_TYPE,
        "source": contract.SOURCE,
        "account": f"{random.randrange(10**12):012}",
        "time": time(random)[:19] + "Z",
        "region": random.choice(["eu-west-1", "us-east-1", "ap-southeast-2"]),
        "resources": [],
        "detail": {"metadata": metadata_of(contract, random), "data": data_of(contract, random)},
    }


def marked(event: dict[str, Any], random: Random) -> dict[str, Any]:
    """The event as a replay, one that follows from a replay, or one of a smoke order."""
    metadata = event["detail"]["metadata"]
    mark = random.choice([{}, {"replay": True}, {"test": True}])
    detail = {**event["detail"], "metadata": {**metadata, **mark}}
    return {**event, "detail": detail} | ({} if mark else {"replay-name": text(random, "._-", 64)})


def is_published(event: dict[str, Any]) -> bool:
    """Whether a producer of ours could have published this, going by its contract alone."""
    contract = contract_named(event["detail-type"])
    metadata = event["detail"]["metadata"]
    if event["source"] != contract.SOURCE or metadata["producer"] != contract.SOURCE:
        return False
    try:
        read = _model(contract).model_validate_json(json.dumps(event["detail"]))
    except ValueError:
        return False
    return bool(
        metadata["version"] == contract.VERSION and _names(json.loads(read.to_json())) == _names(event["detail"])
    )


@cache
def _model(contract: type[EventData]) -> Any:
    return envelope_of(contract)


def _names(node: Any) -> Any:
    """The fields of a document, without their values: null is left out when an event is published."""
    if isinstance(node, dict):
        return {name: _names(value) for name, value in node.items()}
    return [_names(each) for each in node] if isinstance(node, list) else None


def contract_named(detail_type: str) -> type[EventData]:
    return next(contract for (name, _), contract in REGISTRY.items() if name == detail_type)

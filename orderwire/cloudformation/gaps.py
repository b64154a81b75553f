"""What a stack in the emulator lacks: the resources that its CloudFormation does not know, with every name filled in.

The template's declaration of them is the only one; whoever creates the stack in the emulator creates these through
their services' own API (`orderwire.cloudformation.gap_filling`).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from infrastructure.stages import Stage

CONDITION = "OnAws"


@dataclass(frozen=True)
class Gap:
    """A resource as the template declares it: its logical id, CloudFormation's type, and properties."""

    logical_id: str
    type: str
    properties: dict[str, Any]


def emulator_gaps(resources: Mapping[str, Any], stage: Stage, region: str, account: str) -> list[Gap]:
    """Those of a template with these resources."""
    values = {"Stage": stage.name, "AWS::Region": region, "AWS::AccountId": account, "AWS::Partition": "aws"}
    return [
        Gap(name, resource["Type"], filled_in(resource["Properties"], values))
        for name, resource in resources.items()
        if resource.get("Condition") == CONDITION
    ]


def filled_in(value: Any, values: dict[str, str]) -> Any:
    """`value` with Ref and Fn::Sub of `values` replaced. Raises KeyError for any other reference."""
    match value:
        case {"Ref": reference}:
            return values[reference]
        case {"Fn::Sub": text}:
            return re.sub(r"\$\{([^}]+)\}", lambda found: values[found[1]], text)
        case dict():
            return {key: filled_in(each, values) for key, each in value.items()}
        case list():
            return [filled_in(each, values) for each in value]
    return value

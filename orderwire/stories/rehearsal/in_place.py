"""What is deployed in the account: functions, the layer of each, and what feeds them. Held against what is declared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from consumers.registry import consumers
from infrastructure.functions import functions
from infrastructure.stages import Stage
from orderwire.stories.check import Check, check


@dataclass(frozen=True)
class InPlace:
    """`layers` maps each function of the account to the version of its layer, 0 for none; `sources` each consumer's
    function to its event source mappings, as queue and state."""

    layers: Mapping[str, int]
    sources: Mapping[str, tuple[tuple[str, str], ...]]


def in_place(client: Callable[[str], Any]) -> InPlace:
    lambda_ = client("lambda")
    found = [each for page in lambda_.get_paginator("list_functions").paginate() for each in page["Functions"]]
    layers = {each["FunctionName"]: layer_version(each) for each in found}
    sources: dict[str, tuple[tuple[str, str], ...]] = {}
    for page in lambda_.get_paginator("list_event_source_mappings").paginate():
        for each in page["EventSourceMappings"]:
            function, queue = each["FunctionArn"].rpartition(":")[2], each["EventSourceArn"].rpartition(":")[2]
            sources[function] = (*sources.get(function, ()), (queue, each["State"]))
    return InPlace(layers, sources)


def layer_version(function: Mapping[str, Any]) -> int:
    layers = function.get("Layers", [])
    return int(layers[0]["Arn"].rpartition(":")[2]) if layers else 0


def all_deployed(found: InPlace, stage: Stage, when: str) -> Check:
    """Every declared function and no other, each consumer's fed by its queue, and all with one layer."""
    declared = {function.lambda_name(stage.name) for function in functions()}
    wrong = [f"{name} is missing" for name in declared - found.layers.keys()]
    wrong += [f"{name} is not declared" for name in found.layers.keys() - declared]
    fed = {f"orderwire-{stage.name}-{row.name.replace('-', '_')}": row.name for row in consumers()}
    for name, queue in fed.items():
        wanted, sources = (f"orderwire-{stage.name}-{queue}", "Enabled"), found.sources.get(name, ())
        wrong += [] if sources == (wanted,) else [f"{name} is fed by {sources}, not by {wanted}"]
    versions = sorted(set(found.layers.values()))
    wrong += [] if len(versions) == 1 else [f"layers of versions {versions} are in use"]
    figures = f"{len(found.layers)} functions with layer {versions[-1] if versions else 0}, {len(fed)} of them fed"
    return check(f"{when}, all functions are there, and fed", figures, wrong)


def updated(before: InPlace, after: InPlace, when: str) -> Check:
    """Every function has a later layer than before."""
    wrong = [f"{name} has layer {found}" for name, found in after.layers.items() if found <= before.layers.get(name, 0)]
    return check(f"{when}, each has another layer", f"{len(after.layers) - len(wrong)} functions", wrong)

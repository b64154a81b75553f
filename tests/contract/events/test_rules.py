"""Every rule of ours hears what it is there for."""

import pytest
from eventbridge_rules.verdict import verdict

from consumers.registry import consumers
from infrastructure.stages import STAGES
from infrastructure.subscriptions.files import HOME, load
from orderwire.contracts.published import HOUSE, published
from orderwire.subscriptions.checking import checked
from schemas.envelope import REGISTRY, EventData

SHAPES = published()
FILES = {file.name: file for file in load()}
CONSUMERS = {consumer.name: consumer for consumer in consumers()}
WIDE = {"hears every event, and those of every type to come"}


@pytest.mark.parametrize("stage", STAGES.values(), ids=lambda stage: stage.name)
def test_every_subscription_hears_every_live_event_of_its_types_or_those_it_chooses_by_their_data(stage):
    found = checked(sorted(HOME.glob("*.yaml")), stage)
    assert {each.path.stem for each in found} == FILES.keys()
    assert [each.refused for each in found if each.refused] == []
    for path, judged in ((each.path, each.verdict) for each in found):
        chooses = "data" in FILES[path.stem].pattern.get("detail", {})
        assert judged.verdict == ("sometimes" if chooses else "always"), (path, judged.reason)
        assert (judged.path or "").startswith("/detail/data/" if chooses else "")
        assert judged.warnings == (), (path, judged.warnings)


@pytest.mark.parametrize("name", FILES)
def test_a_subscription_hears_its_events_and_no_others(name):
    [file] = checked([HOME / f"{name}.yaml"], STAGES["local"])
    assert set(file.verdict.events) == {f"{each.DETAIL_TYPE} v{each.major()}" for each in FILES[name].contracts}


@pytest.mark.parametrize("name", CONSUMERS)
def test_a_consumer_hears_every_live_event_that_it_declares_and_no_others(name):
    consumer = CONSUMERS[name]
    judged = verdict(consumer.pattern(), SHAPES)
    hears = REGISTRY.values() if EventData in consumer.hears else consumer.hears
    assert judged.verdict == "always", judged.reason
    assert judged.events == {f"{each.DETAIL_TYPE} v{each.major()}": "always" for each in hears}


@pytest.mark.parametrize("name", CONSUMERS)
def test_a_consumer_hears_replays_if_it_says_so(name):
    consumer = CONSUMERS[name]
    warned = {warning.text for warning in verdict(consumer.pattern(), SHAPES).warnings}
    for mark in HOUSE.marks[:2]:
        assert (mark.caution in warned) == consumer.hears_replays
    assert (warned >= WIDE) == (EventData in consumer.hears)

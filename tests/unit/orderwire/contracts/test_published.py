"""What events can look like, against what producers publish and what the schemas allow."""

import json
from random import Random

import pytest
from eventbridge_rules.leaves import leaves_of
from eventbridge_rules.values import ABSENT, members
from hypothesis import given, settings

from orderwire.contracts.published import MARKS, published, shape_of_schema
from schemas.envelope import REGISTRY
from tests.support.eventbridge_rules.event_making import contract_named, is_published, live_event, marked
from tests.support.schemas.strategies import any_event

SHAPES = {shape.detail_type: shape for shape in published()}
each_shape = pytest.mark.parametrize("shape", SHAPES.values(), ids=lambda shape: shape.name)


def strays(shape, event):
    """Paths at which the event has what the shape has not."""
    leaves = leaves_of(event)
    outside = [path for path, found in leaves.items() for each in found
               if each.value not in members(shape.domain(path).values, shape.domain(path).unit)]  # fmt: skip
    return outside + [path for path, domain in shape.fields.items() if path not in leaves and not domain.values.absent]


def test_every_event_type_has_a_shape_that_is_wholly_understood():
    assert {(shape.detail_type, shape.major) for shape in SHAPES.values()} == set(REGISTRY)
    assert all(domain.described for shape in SHAPES.values() for domain in shape.fields.values())


@each_shape
def test_random_events_lie_within_their_shape(shape):
    random = Random(shape.name)
    for _ in range(150):
        event = live_event(contract_named(shape.detail_type), random)
        assert is_published(event)
        assert strays(shape, event) == strays(shape.live, event) == []
        again = marked(event, random)
        assert strays(shape, again) == []
        assert strays(shape.live, again) != []
        assert [mark for mark in MARKS if strays(shape.marked[mark], again) == []] != []


@settings(max_examples=200)
@given(any_event)
def test_any_event_that_a_producer_builds_lies_within_its_shape(event):
    detail = json.loads(event.to_json())
    envelope = live_event(type(event.data), Random(0))
    assert strays(SHAPES[event.type], {**envelope, "detail": detail}) == []


@each_shape
def test_an_example_lies_within_its_shape(shape):
    assert strays(shape, shape.example) == []
    assert shape.allows(shape.example["detail"])


@each_shape
def test_the_least_value_of_each_field_makes_an_event_that_can_be_published(shape):
    for path, domain in shape.fields.items():
        if path.startswith("detail.data.") and not domain.many:
            detail = json.loads(json.dumps(shape.example["detail"]))
            value = domain.some(domain.values)
            detail["data"].update({} if value is ABSENT else {path.rpartition(".")[2]: plain(value)})
            assert is_published({**shape.example, "detail": detail}), path


def plain(value):
    return value if isinstance(value, str | bool) else float(value)


def test_older_minors_are_published_as_well():
    schema = SHAPES["order.shipped"].schema | {"x-version": "1.2"}
    assert shape_of_schema(schema, {}).domain("detail.metadata.version").choices == ("1.0", "1.1", "1.2")

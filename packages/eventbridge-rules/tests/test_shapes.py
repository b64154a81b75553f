"""What events can look like, by their schemas."""

import pytest
from eventbridge_rules import EventType, House, Mark, shape_of
from eventbridge_rules.shapes import Undescribed, leaf
from eventbridge_rules.values import members
from example_types import PARCEL, SCHEMA


@pytest.mark.parametrize(
    "node",
    [
        {},
        {"type": "string", "pattern": "^.$"},
        {"type": "string", "contentEncoding": "base64"},
        {"type": "number", "minimum": 0, "maximum": 1},
        {"type": "integer", "minimum": 0},
        {"type": "integer", "exclusiveMinimum": 0, "maximum": 3},
        {"enum": ["a", 1]},
        {"const": None},
        {"anyOf": [{"type": "string"}, {"type": "boolean"}]},
    ],
)
def test_a_schema_that_says_more_than_is_read_is_not_decided_upon(node):
    with pytest.raises((Undescribed, ValueError)):
        leaf(node)


def test_a_type_without_a_version_is_called_by_its_name():
    assert shape_of(PARCEL).name == "parcel.sent"
    assert shape_of(EventType("parcel.sent", "acme", SCHEMA, version=(2, 1))).name == "parcel.sent v2"


def test_a_fixed_field_is_what_the_type_says_whatever_its_schema_does():
    shape = shape_of(EventType("parcel.sent", "acme", SCHEMA, fixed={"detail.carrier": ("dhl",), "detail.by": ("us",)}))
    assert [shape.domain(path).choices for path in ("detail.carrier", "detail.by")] == [("dhl",), ("us",)]


def test_events_with_a_mark_are_no_live_ones():
    shape = shape_of(PARCEL, House(marks=(Mark("detail.drill", "hears drills too; to leave them out"),)))
    assert True in members(shape.domain("detail.drill").values, shape.domain("detail.drill").unit)
    assert shape.live.domain("detail.drill").never
    assert not shape.marked["detail.drill"].domain("detail.drill").values.absent
    assert not shape.live.domain("replay-name").never, "replays are marked only if the house says so"


def test_the_caution_of_a_mark_says_what_to_write():
    mark = Mark("detail.meta.drill", "hears drills too; to leave them out")
    assert mark.caution.endswith('to leave them out: "detail": {"meta": {"drill": [{"exists": false}]}}')

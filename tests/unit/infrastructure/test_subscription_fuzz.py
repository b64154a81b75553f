"""Whatever stands in a subscription's file, it is read or refused."""

from pathlib import Path
from tempfile import TemporaryDirectory

import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from infrastructure.stages import LOCAL
from infrastructure.subscriptions.files import read
from infrastructure.subscriptions.model import SubscriptionFile, SubscriptionRefused
from infrastructure.subscriptions.resources import values_of, whole_pattern
from orderwire.subscriptions.checking import checked
from tests.support.schemas.documents import paths, replaced

WHOLE = {
    "team": "finance",
    "contact": "finance@example.com",
    "description": "Totals",
    "pattern": {
        "source": ["orderwire.inventory"],
        "detail-type": ["inventory.low_stock"],
        "detail": {"metadata": {"version": [{"prefix": "1."}]}, "data": {"on_hand": [{"numeric": [">=", 100]}]}},
    },
    "stage_values": {"/detail/data/on_hand/0/numeric/1": "HighValueTotal"},
    "target": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:totals-${Stage}",
    "input": {"paths": {"left": "$.detail.data.on_hand"}, "template": '{"left": <left>}'},
    "retry": {"maximum_age_seconds": 60, "maximum_attempts": 1},
    "dead_letter": "arn:aws:sqs:${AWS::Region}:${AWS::AccountId}:totals-dead-${Stage}",
    "discloses": [],
}
SCALARS = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | st.dates() | st.binary(max_size=3)
)
VALUES = st.recursive(
    SCALARS,
    lambda each: st.lists(each, max_size=3) | st.dictionaries(st.text(max_size=3) | st.integers(), each, max_size=3),
)


def outcome(text):
    """What reading says of the file, and the checker."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "totals.yaml"
        path.write_text(text)
        [found] = checked([path], LOCAL)
        try:
            return read(path), found
        except SubscriptionRefused:
            return None, found


def test_the_file_that_the_others_are_made_of_is_read():
    file, found = outcome(yaml.safe_dump(WHOLE))
    assert isinstance(file, SubscriptionFile)
    assert found.verdict.verdict == "sometimes"
    assert found.refused is None


@settings(max_examples=150)
@given(st.sampled_from(list(paths(WHOLE))), VALUES)
def test_any_value_at_any_place_is_read_or_refused(way, value):
    document = replaced(WHOLE, way, value)
    file, found = outcome(yaml.safe_dump(document))
    if file:
        whole_pattern(file, values_of(LOCAL))
    elif isinstance(document, dict) and "pattern" in document:
        assert found.refused or not found.verdict.hears
        assert "by a mistake" not in found.verdict.reason

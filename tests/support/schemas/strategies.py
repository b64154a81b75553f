"""Hypothesis strategies for valid events, one per class. Import these where a test wants events nobody thought of."""

from string import ascii_letters, digits

from hypothesis import strategies as st
from orderwire_events.strategies import TIMES, data, to_the_millisecond

from schemas.envelope import REGISTRY, Event, EventData, new_event

DATA = {contract: data(contract) for contract in REGISTRY.values()}
"""Event class -> strategy of its data, as subscribers get it."""


def word(more: str, longest: int) -> st.SearchStrategy[str]:
    """One to `longest` ASCII letters, digits and characters of `more`."""
    return st.text(ascii_letters + digits + more, min_size=1, max_size=longest)


def events(contract: type[EventData]) -> st.SearchStrategy[Event[EventData]]:
    """Events of one class, whatever their metadata."""
    return st.builds(
        new_event,
        DATA[contract],
        at=TIMES.map(to_the_millisecond),
        correlation_id=word("._:/=+-", 128),
        causation_id=word("._:/=+-", 128),
        traceparent=st.none() | st.from_regex("00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}", fullmatch=True),
        test=st.booleans(),
    )


any_event: st.SearchStrategy[Event[EventData]] = st.sampled_from(list(DATA)).flatmap(events)

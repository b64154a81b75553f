"""Whose call it is, read off the call stack: functions are handed their clients, as tests are that set the scene."""

from collections.abc import Iterator
from types import FrameType

from consumers.declaration import Consumer

NOT_A_FUNCTION = frozenset({"checkout_api.registry"})
"""Registers with Chalice what is run, and wraps it: what runs is further in."""

OWN_MODULE = {"checkout_api.authorizer": "admin_authorizer", "checkout_api.sweep": "sweep"}

WITHIN_ANOTHER = {"checkout_api.redrive": "redrive"}
"""Called by another function, in whose process it runs where there is no Lambda."""


def calling_function(innermost: FrameType | None) -> str | None:
    """Chalice's name of the Lambda function whose code called, or None if it was somebody else.

    The code that is furthest out decides: what the API borrows of the authorizer is done in the API's name.
    """
    frames = list(outwards(innermost))
    for frame in frames:
        if function := WITHIN_ANOTHER.get(str(frame.f_globals.get("__name__"))):
            return function
    return next((function for frame in reversed(frames) if (function := function_of(frame))), None)


def outwards(frame: FrameType | None) -> Iterator[FrameType]:
    while frame is not None:
        yield frame
        frame = frame.f_back


def function_of(frame: FrameType) -> str | None:
    module = str(frame.f_globals.get("__name__"))
    room, _, rest = module.partition(".")
    if room == "checkout_api" and module not in NOT_A_FUNCTION:
        return OWN_MODULE.get(module, "api_handler")
    return consumer_of(frame, rest) if room == "consumers" else None


def consumer_of(frame: FrameType, module: str) -> str | None:
    """The batch runner is every consumer's, and has the one in hand whose it is."""
    names = frame.f_locals if module == "runner.batch" else frame.f_globals
    declared = next((each for each in names.values() if isinstance(each, Consumer)), None)
    return None if declared is None else declared.name.replace("-", "_")

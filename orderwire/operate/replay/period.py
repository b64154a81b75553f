"""Which time a replay or a question covers, from what a person wrote. Pure."""

import re
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from orderwire.console.problem import Problem

FIRST_YEAR = 2000
"""Before it no event has a time (`schemas.types`)."""

_AGE = re.compile("(?=[0-9])(?:([0-9]+)w)?(?:([0-9]+)d)?(?:([0-9]+)h)?(?:([0-9]+)m)?(?:([0-9]+)s)?")
_UNITS = ("weeks", "days", "hours", "minutes", "seconds")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(?:\.\d+)?(?:[Zz]|[+-]\d\d:\d\d)", re.ASCII)


@dataclass(frozen=True)
class Period:
    """Both ends are in UTC and belong to it; EventBridge counts in whole seconds."""

    start: datetime
    end: datetime

    def __str__(self) -> str:
        return f"{self.start:%Y-%m-%d %H:%M:%S} to {self.end:%Y-%m-%d %H:%M:%S} UTC"


def period(since: str | None, from_: str | None, until: str | None, now: datetime) -> Period:
    """The last `since` (`2h`), or what lies between the times `from_` and `until`, which is now if it is None.

    Raises Problem that says what to write instead.
    """
    if (since is None) == (from_ is None):
        raise Problem("Say either --since, for example --since 2h, or --from and perhaps --until.")
    if since is not None:
        if until is not None:
            raise Problem("--until goes with --from; --since reaches until now.")
        return Period(earlier(now, since), now)
    return between(moment("--from", from_ or ""), now if until is None else moment("--until", until), now)


def between(start: datetime, end: datetime, now: datetime) -> Period:
    for option, at in (("--from", start), ("--until", end)):
        if at > now:
            raise Problem(f"{option} lies in the future: it is {now:%Y-%m-%dT%H:%M:%SZ} now.")
    if start >= end:
        raise Problem("--from must be earlier than --until.")
    return Period(start, end)


def earlier(now: datetime, age: str) -> datetime:
    """`now` less an age such as `90s`, `45m`, `2h`, `3d`, `1w` or `1d12h`. Raises Problem."""
    found = _AGE.fullmatch(age)
    if not found:
        raise Problem(f"{age!r} is no length of time: write for example 90s, 45m, 2h, 3d, 1w or 1d12h.")
    try:
        length = timedelta(**{unit: int(count or 0) for unit, count in zip(_UNITS, found.groups(), strict=True)})
        start = now - length
    except (OverflowError, ValueError):  # more digits than Python makes a number of
        raise Problem(f"{age!r} ago there were no orders: nothing reaches back that far.") from None
    if not length:
        raise Problem(f"{age!r} is no time at all: write for example 2h.")
    return start


def beginning(since: str, now: datetime) -> datetime:
    """The time that an age (`2h`) or a time stands for. Raises Problem."""
    begins = moment("--since", since) if since[4:5] == "-" else earlier(now, since)
    if begins > now:
        raise Problem(f"--since lies in the future: it is {now:%Y-%m-%dT%H:%M:%SZ} now.")
    if begins.year < FIRST_YEAR:
        raise Problem(f"There were no orders in {begins.year}: nothing reaches back that far.")
    return begins


def moment(option: str, text: str) -> datetime:
    """A time of RFC 3339, for example `2026-11-20T09:30:00Z` or with `+01:00` for the Z. Raises Problem."""
    try:
        if not _MOMENT.fullmatch(text):
            raise ValueError
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Problem(
            f"{option} {text!r} is no time: write it as 2026-11-20T09:30:00Z, or with its distance from UTC as "
            "2026-11-20T10:30:00+01:00."
        ) from None

"""What `orderwire_events` exports of the contracts: `python -m orderwire.contracts.exports` writes it.

Its `__init__.py` names every event and every part of one; the other names stand in it as somebody wrote them.
"""

import re
from inspect import isclass

from orderwire.workplace.home import ROOT
from schemas import events
from schemas.envelope import ClosedModel

HOME = ROOT / "packages/orderwire-events/orderwire_events/__init__.py"
_IMPORT = re.compile(r"from \.contracts\.events import \(\n(.*?)\)\n", re.DOTALL)
_ALL = re.compile(r"__all__ = \[\n(.*?)\]\n", re.DOTALL)


def names() -> list[str]:
    """The classes that schemas/events.py declares."""
    here = [each for each in vars(events).values() if isclass(each) and each.__module__ == events.__name__]
    return sorted(each.__name__ for each in here if issubclass(each, ClosedModel))


def rendered(text: str) -> str:
    """The module's text with the names of now."""
    before = set(re.findall(r"(\w+),", _IMPORT.findall(text)[0]))
    others = set(re.findall(r'"(\w+)",', _ALL.findall(text)[0])) - before
    exported = "".join(f'    "{name}",\n' for name in sorted({*others, *names()}))
    imported = "".join(f"    {name},\n" for name in names())
    text = _IMPORT.sub(f"from .contracts.events import (\n{imported})\n", text)
    return _ALL.sub(f"__all__ = [\n{exported}]\n", text)


def main() -> None:
    HOME.write_text(rendered(HOME.read_text(encoding="utf-8")), encoding="utf-8")


if __name__ == "__main__":
    main()

"""SQL that a person wrote, as far as it must be understood to be put behind the table `events`. Pure."""

import re

from infrastructure.resources.backup import EVENTS, EVENTS_SQL
from orderwire.console.problem import Problem

_PIECE = re.compile(
    r"""(?P<comment>--[^\n]*|/\*.*?\*/)"""
    r"""|'(?:[^']|'')*'|"(?:[^"]|"")*\""""  # texts and names, in which nothing is a comment or an end
    r"""|(?P<end>;)|[^-/'";]+|.""",
    re.DOTALL,
)
_WITH = re.compile(r"with\b(\s+recursive\b)?", re.IGNORECASE)


def literal(value: str) -> str:
    """A text as a literal of standard SQL, which has no other escape than two quotes for one."""
    return "'" + value.replace("'", "''") + "'"


def with_events(sql: str) -> str:
    """The query with the table `events` in front of it, before other named queries that it may have.

    Raises Problem unless it is one statement."""
    own, view = one_statement(sql), f"{EVENTS} AS ({EVENTS_SQL})"
    if begins := _WITH.match(own):
        return f"WITH{begins[1] or ''} {view}, {own[begins.end() :].lstrip()}"
    return f"WITH {view} {own}"


def one_statement(sql: str) -> str:
    """The statement without comments and the semicolon at its end. Lines stay where they are counted from its first.

    Raises Problem for none, and for several."""
    statements = [""]
    for piece in _PIECE.finditer(sql):
        if piece["end"]:
            statements.append("")
        else:
            statements[-1] += "\n" * piece[0].count("\n") or " " if piece["comment"] else piece[0]
    found = [each.strip() for each in statements if each.strip()]
    if len(found) != 1:
        raise Problem("--sql has more than one statement." if found else "--sql has no statement.")
    return found[0]

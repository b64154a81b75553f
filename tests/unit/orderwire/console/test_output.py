"""What commands print of what others wrote: all of it is there, none of it is markup, none of it moves the terminal."""

import io
import json
import re
import unicodedata
from contextlib import redirect_stdout
from dataclasses import dataclass
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.console import Console

from orderwire.__main__ import main
from orderwire.cli import dead_letters, previewing, search, subscriptions, told
from orderwire.cli.account import teller
from orderwire.console.output import emit, emit_json, err, forgive, out, printable, say, table_of
from orderwire.machine.plain_log import plain_line
from orderwire.operate.catalog import offered
from orderwire.operate.dlq import DeadLetter
from orderwire.operate.mails import Letter
from orderwire.operate.order_log import Logged
from orderwire.operate.search import QueryResult
from orderwire.stories.check import Check
from orderwire.stories.demo.ends import Ended
from orderwire.stories.tables import checks_table, orders_table
from schemas.types import format_time
from tables.catalog import Catalog, ProductRow
from tests.support.edges import NOON, moto_edges

HOSTILE = (
    "Bad [/] name",
    "[new edition]",
    "[bold red]x[/bold red]",
    "[link=https://evil.example]here[/link]",
    "trailing \\",
    ":boom:",
    "\x1b]0;title\x07\x1b[2J",
    "\x9b31m",
    "\u202egnp.exe",
    "\u200fgnp.exe",
    "ord_\xad1",
    "ord_\u200b\u2060\ufeff1",
    "ord_1\U000e0041",
    "ord_\u200d1",
    "ord_\u31641",
    "\ud800",
    "\r\x08\x00",
)
OWN_COLOURS = re.compile("\x1b\\[[0-9;]*m")

anything = st.one_of(
    st.sampled_from(HOSTILE),
    st.lists(st.sampled_from(HOSTILE)).map("".join),
    st.text(st.characters(codec=None), max_size=30),
)


@dataclass(frozen=True)
class Row:
    first: str
    second: str
    listed: list[str]


def printed(what):
    """What a terminal of this breadth would get, without the colours that Rich gives it."""
    stream = io.StringIO()
    Console(file=stream, width=2000, force_terminal=True, color_system="standard").print(what)
    return OWN_COLOURS.sub("", stream.getvalue())


def on_terminal(do):
    """What `do` prints on the commands' own standard output."""
    stream = io.StringIO()
    with redirect_stdout(stream):
        do()
    return stream.getvalue()


SEEN = set("\u0600\u0601\u0602\u0603\u0604\u0605\u06dd\u070f\u0890\u0891\u08e2\U000110bd\U000110cd")
"""Format characters that a reader does see: signs before numbers in Arabic, Syriac and Kaithi."""
BLANKS = set("\u034f\u115f\u1160\u17b4\u17b5\u3164\uffa0") | set(map(chr, range(0xE0000, 0xE0100)))
"""What is no format character and is not seen either."""
JOINERS = set("\u200c\u200d")
HIEROGLYPHS = set(map(chr, range(0x13430, 0x13456)))
"""They say how signs stand beside and above each other."""


def is_harmful(character):
    if unicodedata.category(character) == "Cf":
        return character not in SEEN | JOINERS | HIEROGLYPHS
    return character not in "\n\t" and unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp")


def assert_harmless(text):
    assert list(filter(is_harmful, text)) == []
    text.encode()


def words(text):
    """Its characters that a terminal shows as they are, whatever became of the white space."""
    marked = BLANKS | {"\N{REPLACEMENT CHARACTER}"}
    return "".join(each for each in text if each.isprintable() and not each.isspace() and each not in marked)


def lines(*cells):
    """What a table has in one piece: a cell of several lines is beside others."""
    return [line for cell in cells for line in cell.split("\n")]


@given(anything, anything, st.lists(anything, max_size=2))
@example("Bad [/] name", "[new edition]", ["\x1b[2J"])
@example("two\nlines", "and\nmore", [])
@example("\t0", "Bad [/] name", [])
def test_a_table_shows_whatever_is_in_it(first, second, listed):
    shown = printed(table_of([Row(first, second, listed)]))
    assert_harmless(shown)
    assert [line for line in lines(first, second) if words(line) not in words(shown)] == []


@given(anything, anything)
@example("Bad [/] name", "[new edition]")
def test_a_query_of_ones_own_shows_whatever_it_calls_its_columns_and_finds(column, value):
    found = QueryResult((column,), [[value]])
    shown = printed(search.table_of(found, found.columns))
    assert_harmless(shown)
    assert [line for line in lines(column, value) if words(line) not in words(shown)] == []


@given(anything)
@example("Bad [/] name")
def test_a_line_says_whatever_is_in_it(line):
    said = on_terminal(lambda: say(line))
    assert_harmless(said)
    assert words(said) == words(line)


@given(st.recursive(anything, lambda inner: st.lists(inner) | st.dictionaries(anything, inner), max_leaves=5))
@example({"[/]": ["\x7f\x9b", "[new edition]", "\u202e"]})
def test_json_is_what_it_was_made_of_and_harmless_to_look_at(document):
    said = on_terminal(lambda: emit_json(document))
    assert_harmless(said)
    assert json.loads(said) == document


def test_no_character_that_moves_the_terminal_or_that_nobody_sees_gets_there():
    harmful = [each for each in map(chr, range(0x110000)) if is_harmful(each) or each in BLANKS]
    assert [each for each in harmful if printable(f"a{each}b").plain != "a\N{REPLACEMENT CHARACTER}b"] == []
    assert json.loads(on_terminal(lambda: emit_json(harmful))) == harmful


@pytest.mark.parametrize(
    "text",
    [
        "\u0646\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "\U0001f469\u200d\U0001f4bb",
        "\u2764\ufe0f",
        "\u0905\u0915\u094d\u200d\u0937",
    ],
)
def test_what_a_script_is_written_with_stays(text):
    assert printable(text).plain == text


def test_a_joiner_makes_no_latin_text_look_like_another():
    for joiner in JOINERS:
        for text in (f"ord{joiner}_1", f"{joiner}ord_1", f"ord_1{joiner}", f"ord_1{joiner * 3}"):
            assert printable(text).plain != text


def test_a_line_feed_in_a_field_draws_no_second_row():
    letter = dead_letter("ord_1\nord_2  order.created  invalid  made up  1")
    shown = on_terminal(lambda: emit([letter], False, "", ("order_id", "attempts")))
    assert len(shown.splitlines()) == 2
    assert "ord_1\N{DOWNWARDS ARROW WITH CORNER LEFTWARDS}ord_2" in shown
    found = QueryResult(("type\nmore",), [["one\ntwo"]])
    assert len(printed(search.table_of(found, found.columns)).splitlines()) == 2
    assert "\n" not in plain_line({"message": "one\ntwo", "order_id": "three\nfour", "more": "five\nsix"})


def test_a_name_of_another_alphabet_is_written_as_it_is():
    assert on_terminal(lambda: emit_json(["Brontë, 紫式部"])) == '[\n  "Brontë, 紫式部"\n]\n'
    assert on_terminal(lambda: say("Brontë, 紫式部")) == "Brontë, 紫式部\n"


def in_encoding(encoding, do):
    """What `do` writes where standard output has this encoding."""
    stream = io.TextIOWrapper(io.BytesIO(), encoding)
    with redirect_stdout(stream):
        forgive(stream)
        do()
        stream.flush()
    return stream.buffer.getvalue()


@pytest.mark.parametrize("encoding", ["ascii", "latin-1", "cp1252", "utf-8"])
def test_json_is_what_it_was_made_of_whatever_the_encoding(encoding):
    document = ["Brontë, 紫式部", "\N{BOOKS}", "\x7f\u202e"]
    written = in_encoding(encoding, lambda: emit_json(document))
    assert json.loads(written.decode("utf-8")) == document


@pytest.mark.parametrize(("encoding", "shown"), [("ascii", b"Bront?, ?"), ("latin-1", b"Bront\xeb, ?")])
def test_a_character_that_the_output_does_not_have_ends_no_command(encoding, shown):
    row = Row("Brontë, 紫", "", [])
    assert in_encoding(encoding, lambda: say(row.first)).strip() == shown
    assert shown in in_encoding(encoding, lambda: emit([row], False, ""))


def test_json_has_a_form_for_whatever_is_no_number():
    said = on_terminal(lambda: emit_json([Decimal("NaN"), Decimal("-Infinity"), Decimal("9.90")]))
    assert json.loads(said) == ["NaN", "-Infinity", 9.9]


def test_nothing_that_is_printed_is_markup_unless_somebody_makes_it_so():
    for console in (out, err):
        with console.capture() as captured:
            console.print("Bad [/] [bold]name[/bold] :boom:")
        assert captured.get() == "Bad [/] [bold]name[/bold] :boom:\n"


def dead_letter(hostile):
    return DeadLetter("payment", hostile, hostile, hostile, hostile, hostile, 3, NOON)


NEWEST = {
    "detail-type": "order.created",
    "detail": {"metadata": {"occurred_at": format_time(NOON)}, "data": {"total": 1.0}},
}


def newest(hostile):
    """An event of the backup, as a preview shows it."""
    told = {"order_id": hostile, "total": 1.0, "currency": hostile}
    event = {**NEWEST, "detail-type": hostile, "detail": {**NEWEST["detail"], "data": told}}
    return SimpleNamespace(newest=[event])


SHOWS = {
    "dlq show": lambda said: emit([dead_letter(said)], False, "", dead_letters.COLUMNS),
    "order-log": lambda said: emit(
        [Logged(said, said, said, said, NOON, said, {})], False, "", ("id", "posted", "message")
    ),
    "mails --text": lambda said: told.show(Letter(said, said, NOON, said, said)),
    "search": lambda said: search.show(QueryResult(("type", "skus"), [[said, [said] * 5]]), False, None),
    "preview": lambda said: out.print(previewing.newest_of(newest(said))),
    "subscriptions match": lambda said: subscriptions.tell(said, said),
    "infra": lambda said: teller()(said),
    "demo": lambda said: out.print(orders_table([Ended(said, said, said, said, said)])),
    "blackfriday": lambda said: out.print(checks_table([Check(said, said, (said,))])),
}


@pytest.mark.parametrize("hostile", HOSTILE)
@pytest.mark.parametrize("command", SHOWS)
def test_every_command_that_shows_what_others_wrote_shows_it_and_nothing_comes_of_it(command, hostile):
    shown = on_terminal(lambda: SHOWS[command](hostile))
    assert_harmless(shown)
    assert words(hostile)[:3] in words(shown)


@pytest.mark.parametrize("hostile", HOSTILE)
def test_what_a_person_wrote_is_told_back_as_it_is(hostile, capsys, tmp_path):
    with pytest.raises(SystemExit):
        main(["replay", "--since", "2h", "--to", hostile, "--home", str(tmp_path)])
    said = capsys.readouterr().err
    assert_harmless(said)
    assert "There is no consumer" in said


@pytest.mark.parametrize("hostile", HOSTILE)
def test_a_log_line_moves_no_terminal_either(hostile):
    line = plain_line({"message": hostile, "order_id": hostile, "more": hostile, "exception": f"Traceback\n{hostile}"})
    assert_harmless(line)
    assert words(hostile) in words(line)


def test_a_catalog_with_such_names_is_listed():
    names = ("Bad [/] name", "[new edition]", "x\x1b[2J\x07")
    with moto_edges() as edges:
        for number, name in enumerate(names):
            Catalog(edges).put(ProductRow(sku=f"TEST-{number}", name=name, author="", price=Decimal(1)))
        shown = on_terminal(lambda: emit(offered(edges), False, "", ("sku", "name")))
    assert_harmless(shown)
    assert [name for name in names if words(name) not in words(shown)] == []

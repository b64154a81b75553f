"""What is taken out of an error's text before it is logged or kept with a dead letter: once through, however long."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from checkout_api.http.requests import LARGEST_BODY
from checkout_api.http.routing import strings_in
from edges.log import LONGEST_TEXT, masked

words = st.text("ab 1-_@.*é,", max_size=12)


def taken_out(text, personal):
    """The same by definition, in whatever time it takes."""
    for value in sorted(set(personal) - {""}, key=len, reverse=True):
        text = re.sub(rf"(?<!\w){re.escape(value)}(?!\w)", "\0", text)
    return text


@given(st.lists(words, max_size=4), words, words)
def test_no_personal_value_that_stands_alone_is_left(personal, before, after):
    secret = "secret"
    said = masked(f"{before} {secret} {after}", [*personal, secret])
    assert secret not in said
    assert "***" in said


@given(st.lists(st.sampled_from(["cust-1", "cust-10", "ada lovelace", "ada", "order", "of", "(", "ord_1"]), max_size=9))
def test_what_is_masked_is_what_would_be_by_definition(said):
    text, personal = " ".join(said), ["cust-1", "ada", "ada lovelace"]
    assert masked(text, personal) == taken_out(text, personal).replace("\0", "***")


@pytest.mark.parametrize("value", ["a" * 300, "ada lovelace" * 200, "x" * 5000])
def test_a_value_across_the_end_of_what_is_kept_is_taken_out_whole(value):
    text = "." * (LONGEST_TEXT - 10) + value + "." * 10
    said = masked(text, [value])
    assert said == "." * (LONGEST_TEXT - 10) + "***..."
    assert masked(text[:-10], [value]) == "." * (LONGEST_TEXT - 10) + "***"


def test_an_address_across_the_end_of_what_is_kept_is_taken_out_whole():
    text = " " * (LONGEST_TEXT - 4) + "a" * 5000 + "@example.com"
    assert masked(text) == " " * (LONGEST_TEXT - 4) + "***"


def test_of_a_long_text_the_beginning_is_kept():
    assert masked("x" * LONGEST_TEXT) == "x" * LONGEST_TEXT
    assert masked("x" * (LONGEST_TEXT + 1)) == "x" * LONGEST_TEXT + "..."


TEXTS = {
    "a run": "a" * 1_000_000,
    "addresses": "a@" * 500_000,
    "a token": "tok_" * 250_000,
    "tokens": "tok_ " * 200_000,
    "letters": "a " * 500_000,
}
SENT = {
    "nested letters": ["a" * size for size in range(1, 340)],
    "nested words": ["a " * size for size in range(1, 240)],
    "numbers": [f"{number:x}" for number in range(8000)],
    "characters": [chr(number) for number in range(33, 9000)],
}


@pytest.mark.parametrize("text", TEXTS)
@pytest.mark.parametrize("sent", SENT)
def test_whatever_is_sent_is_masked_in_no_time(text, sent):
    """It would be hours if the time grew with the square of the text."""
    body = json.dumps({"items": SENT[sent]}, ensure_ascii=False).encode()
    assert len(body) <= LARGEST_BODY
    began = time.process_time()
    assert len(masked(TEXTS[text], strings_in(body))) < 3 * LONGEST_TEXT
    assert time.process_time() - began < 20


def test_texts_in_lists_within_lists_are_found_in_no_time():
    deep = '{"a":' + "[" * 900 + '"b",' * 15_000 + '"c"' + "]" * 900 + "}"
    assert strings_in(deep.encode()) == {"b", "c"}
    assert strings_in(b'{"a": ["x", {"b": "y"}], "c": 1}') == {"x", "y"}

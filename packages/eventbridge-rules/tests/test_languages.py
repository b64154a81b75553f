"""Languages against Python's own regular expressions, and searches that end."""

import re

import pytest
from eventbridge_rules import languages
from eventbridge_rules.languages import ANYTHING, NIL, NOTHING, TooHard, chain, forget, repeat, shortest, word
from eventbridge_rules.regexes import Unread, language_of
from eventbridge_rules.values import is_in
from hypothesis import given, settings
from hypothesis import strategies as st

atoms = st.sampled_from(["a", "b", "[ab]", "[^a]", "[a-c]", r"\.", "-", "(?:ab|c)", "(a|)"])
counts = st.sampled_from(["", "*", "+", "?", "{2}", "{0,2}", "{1,}"])
pieces = st.builds(str.__add__, atoms, counts)
sequences = st.lists(pieces, max_size=4).map("".join)
groups = st.builds("({}|{}){}".format, sequences, sequences, counts)
bodies = st.lists(sequences | groups, max_size=3).map("".join)
expressions = st.builds("{}{}{}".format, st.sampled_from(["", "^"]), bodies, st.sampled_from(["", "$"]))
texts = st.text("abc.-", max_size=7)


def found(expression, text):
    """As JSON Schema means it: `$` is the very end."""
    return re.search(expression.replace("$", r"\Z"), text) is not None


@settings(max_examples=400)
@given(expressions, texts)
def test_a_language_holds_the_texts_in_which_its_expression_is_found(expression, text):
    assert is_in(language_of(expression), text) == found(expression, text)


@settings(max_examples=200)
@given(expressions, expressions, texts)
def test_union_intersection_and_complement_are_those_of_sets(one, other, text):
    left, right = is_in(language_of(one), text), is_in(language_of(other), text)
    assert is_in(language_of(one) | language_of(other), text) == (left or right)
    assert is_in(language_of(one) & language_of(other), text) == (left and right)
    assert is_in(~language_of(one), text) != left


@settings(max_examples=200)
@given(expressions, expressions, st.lists(texts, max_size=10))
def test_the_shortest_word_is_in_the_language_and_none_is_shorter(one, other, others):
    language = language_of(one) & ~language_of(other)
    shortest_one = shortest(language)
    if shortest_one is not None:
        assert found(one, shortest_one)
        assert not found(other, shortest_one)
        assert shortest(language, len(shortest_one)) == shortest_one
        assert not shortest_one or shortest(language, len(shortest_one) - 1) is None
    for text in others:
        if is_in(language, text):
            assert shortest_one is not None
            assert len(shortest_one) <= len(text)


UNREAD = [r"\d", r"\w", r"[\d]", ".", "a*?", "a**", "*a", "a{x}", "a{,2}", "(?=a)", "(?i)a", "(a", "a)", "^a|b$", "a$b",
          "a^", "[", "[]", "[a&&b]", "[a[b]"]  # fmt: skip


@pytest.mark.parametrize("expression", UNREAD)
def test_an_expression_that_dialects_read_differently_is_not_read(expression):
    with pytest.raises(Unread):
        language_of(expression)


def test_an_escaped_dollar_is_one():
    assert shortest(language_of(r"^a\$")) == "a$"


def test_every_character_but_surrogates_can_be_found():
    for expression in ("[^\u0000-\ud7ff]", "[^\u0000-\ue000]"):
        text = shortest(language_of(f"^{expression}$"))
        assert text is not None
        text.encode()


def test_nothing_and_anything_are_what_they_say():
    assert shortest(NOTHING) is None
    assert shortest(~ANYTHING) is None
    assert shortest(ANYTHING) == shortest(NIL) == ""
    assert repeat(word("a"), 0, 0) is NIL
    assert shortest(word("abc"), 2) is None


def test_a_search_that_grows_too_large_is_given_up():
    language = both_ends(14)
    with pytest.raises(TooHard):
        shortest(language & ~language_of("^[ab]*$"), most_states=1000)


def both_ends(number):
    """Texts whose character so far from the end is a: as many states as there are texts of that length."""
    return chain(ANYTHING, language_of(f"^a[ab]{{{number}}}$"))


def test_languages_made_before_forgetting_stay_right():
    before = language_of("^(?:ab|c)+$")
    forget()
    assert languages._known == {}
    assert shortest(before & chain(ANYTHING, word("cab"))) == "cab"


def test_a_long_run_keeps_no_more_languages_than_it_needs():
    known = []
    for number in range(2500):
        assert shortest(word(f"{number:040d}") | word("b")) == "b"
        known.append(len(languages._known))
    assert max(known) < languages.MOST_KNOWN + 1000
    assert known[-1] < max(known), "nothing was forgotten"

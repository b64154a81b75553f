"""What is a pattern, and where and why a document is none. Sources: Event Ruler's `JsonRuleCompilerTest` and
`WildcardParserTest`; EventBridge user guide, "Comparison operators for use in event patterns"."""

from datetime import date
from decimal import Decimal
from ipaddress import IPv4Network

import pytest
from documented_cases import TAKEN
from eventbridge_rules.conditions import Cidr
from eventbridge_rules.grammar import LONGEST, parse
from eventbridge_rules.operators import Invalid

REFUSED = [
    ([1, 2, 3], "", "must be an object"),
    ({}, "", "must not be empty"),
    ({"a": 1}, "/a", "must be a list of conditions or an object: write [1]"),
    ({"a": {}}, "/a", "must not be empty"),
    ({"a": []}, "/a", "must not be empty"),
    ({"a": [[1]]}, "/a/0", "not a list within the list"),
    ({"a": [{}]}, "/a/0", "must name exactly one operator"),
    ({"a": [{"x": 2}]}, "/a/0/x", "is no operator"),
    ({"a": [{"prefix": "a", "suffix": "b"}]}, "/a/0", "must name exactly one operator"),
    ({"a": [{"prefix": 3}]}, "/a/0/prefix", "must be a text"),
    ({"a": [{"prefix": {"wildcard": "a"}}]}, "/a/0/prefix/wildcard", "must be equals-ignore-case here"),
    ({"a": [{"suffix": {"equals-ignore-case": ["a"]}}]}, "/a/0/suffix/equals-ignore-case", "must be a text"),
    ({"a": [{"equals-ignore-case": 5}]}, "/a/0/equals-ignore-case", "must be a text"),
    ({"a": [{"exactly": 33}]}, "/a/0/exactly", "must be a text"),
    ({"a": [{"exists": "true"}]}, "/a/0/exists", "must be true or false"),
    ({"a": [{"wildcard": "a**b"}]}, "/a/0/wildcard", "two * in a row"),
    ({"a": [{"wildcard": r"a\b"}]}, "/a/0/wildcard", "something other than"),
    ({"a": [{"wildcard": "a\\"}]}, "/a/0/wildcard", "something other than"),
    ({"a": [{"cidr": "foo"}]}, "/a/0/cidr", "must be a network"),
    ({"a": [{"cidr": "10.0.0.0"}]}, "/a/0/cidr", "must be a network"),
    ({"a": [{"cidr": "10.0.0.0/++8"}]}, "/a/0/cidr", "must be a network"),
    ({"a": [{"cidr": "10.0.0.0/\u00b2"}]}, "/a/0/cidr", "must be a network"),
    ({"a": [{"cidr": "10.0.0.0/32"}]}, "/a/0/cidr", "fewer than 32 bits"),
    ({"a": [{"cidr": "::/128"}]}, "/a/0/cidr", "fewer than 128 bits"),
    ({"a": [{"anything-but": ["a", 1]}]}, "/a/0/anything-but", "all texts or all numbers"),
    ({"a": [{"anything-but": []}]}, "/a/0/anything-but", "must not be empty"),
    ({"a": [{"anything-but": True}]}, "/a/0/anything-but", "must be a text or a number"),
    ({"a": [{"anything-but": [None]}]}, "/a/0/anything-but/0", "must be a text or a number"),
    ({"a": [{"anything-but": {"numeric": ["=", 1]}}]}, "/a/0/anything-but/numeric", "must be one of prefix"),
    ({"a": [{"anything-but": {"prefix": ""}}]}, "/a/0/anything-but/prefix", "must not be empty"),
    ({"a": [{"anything-but": {"suffix": ["a", ""]}}]}, "/a/0/anything-but/suffix/1", "must not be empty"),
    ({"a": [{"anything-but": {"wildcard": "**"}}]}, "/a/0/anything-but/wildcard", "two * in a row"),
    ({"a": [{"numeric": 5}]}, "/a/0/numeric", "must be a list such as"),
    ({"a": [{"numeric": ["="]}]}, "/a/0/numeric", "must be a list such as"),
    ({"a": [{"numeric": ["==", 1]}]}, "/a/0/numeric/0", "must be one of = < <= > >="),
    ({"a": [{"numeric": ["=", "1"]}]}, "/a/0/numeric/1", "must be a number"),
    ({"a": [{"numeric": ["=", True]}]}, "/a/0/numeric/1", "must be a number"),
    ({"a": [{"numeric": ["<", 1, ">", 0]}]}, "/a/0/numeric", "the lower limit first"),
    ({"a": [{"numeric": [">", 1, "<", 1]}]}, "/a/0/numeric/3", "greater than the lower limit 1"),
    ({"a": [{"numeric": ["<", float("inf")]}]}, "/a/0/numeric/1", "must be a finite number"),
    ({"a": [{"numeric": ["<", 5000000000.1]}]}, "/a/0/numeric/1", "between -5000000000 and 5000000000"),
    ({"a": [{"numeric": ["<", Decimal("0.10000000000000001")]}]}, "/a/0/numeric/1", "a double holds exactly"),
    ({"a": [date(2026, 11, 21)]}, "/a/0", "must be a text, a number"),
    ({True: ["a"]}, "/true", "must be text as a name"),
    ({date(2026, 11, 21): ["a"]}, "", "must be plain data with texts as names"),
    ({"$or": [{"a": [1]}]}, "/$or", "two or more objects"),
    ({"$or": [{"a": [1]}, 2, [3]]}, "/$or/1", "must be an object"),
    ({"$or": [{"a": [1]}, {"b": [1], "prefix": ["c"]}]}, "/$or/1/prefix", "is reserved"),
    ({"$or": [{"a": [1]}, {"b": {"numeric": [1]}}]}, "/$or/1/b/numeric", "is reserved"),
    ({"d": {"$or": [{"a": [1]}, {"b/~": 1}]}}, "/d/$or/1/b~1~0", "must be a list of conditions"),
    ({"a": ["x" * LONGEST]}, "", f"AWS takes {LONGEST}"),
]  # fmt: skip


@pytest.mark.parametrize(("document", "pointer", "reason"), REFUSED)
def test_a_document_that_is_no_pattern_is_refused_with_place_and_reason(document, pointer, reason):
    with pytest.raises(Invalid) as refused:
        parse(document)
    assert refused.value.pointer.lower() == pointer
    assert reason in refused.value.reason


@pytest.mark.parametrize("document", TAKEN)
def test_a_pattern_that_aws_takes_is_taken(document):
    assert parse(document).alternatives


def choices(number, width):
    """A pattern of so many `$or` side by side, of so many branches each."""
    return {f"f{index}": {"$or": [{f"b{branch}": [1]} for branch in range(width)]} for index in range(number)}


def test_a_thousand_combinations_of_or_are_taken_and_no_more():
    assert len(parse(choices(3, 10)).alternatives) == 1000
    with pytest.raises(Invalid, match="more than 1000 combinations"):
        parse(choices(10, 2))


def test_a_pattern_that_is_nested_too_deeply_is_refused():
    document = {"a": [1]}
    for _ in range(70):
        document = {"a": document}
    with pytest.raises(Invalid, match="nested deeper"):
        parse(document)


def test_a_condition_that_is_written_again_is_told_as_replaced():
    pattern = parse({"a": ["1"], "b": {"c": ["1"]}, "$or": [{"a": ["2"]}, {"d": ["3"]}]})
    assert [field.pointer for field in pattern.replaced] == ["/a"]
    assert [alternative["a"].written for alternative in pattern.alternatives] == [("2",), ("1",)]


def test_a_list_of_a_pattern_may_hold_2048_characters():
    assert parse({"a": ["x" * (LONGEST - len('{"a":[""]}'))]})


@pytest.mark.parametrize("bits", ["8", "08", "+8", "\u0668"])
def test_the_bits_of_a_network_are_read_as_java_reads_a_number(bits):
    [alternative] = parse({"a": [{"cidr": f"10.0.0.0/{bits}"}]}).alternatives
    assert alternative["a"].conditions == (Cidr(IPv4Network("10.0.0.0/8")),)

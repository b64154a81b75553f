"""Event Ruler, the engine inside EventBridge, was asked: 4,062 cases in which its versions 1.7.0 and 2.0.1 agree."""

import gzip
import json
from pathlib import Path

import pytest
from eventbridge_rules.grammar import parse
from eventbridge_rules.match import matches
from eventbridge_rules.operators import Invalid
from eventbridge_rules.reading import read_json

CASES = [
    json.loads(line)
    for line in gzip.decompress((Path(__file__).parent / "engine-cases.jsonl.gz").read_bytes()).splitlines()
]
ENGINES_OWN_FAULTS = {
    ('{"a.b":[{"wildcard":"*b"},{"prefix":{"equals-ignore-case":"ba"}},{"prefix":{"equals-ignore-case":"i*\\u00e9"}}]}',
     '{"a":{"b":"1i*\\u00e9"}}'),
}  # fmt: skip
"""A wildcard beside an ignore-case condition at one path: the engine hears a text that none of the three accepts."""


def test_a_pattern_is_taken_if_the_engine_takes_it():
    asked = [case for case in CASES if "accepted" in case]
    assert [case for case in asked if is_taken(case["pattern"]) != case["accepted"]] == []
    assert {case["accepted"] for case in asked} == {True, False}


def is_taken(pattern):
    try:
        parse(read_json(pattern))
    except Invalid:
        return False
    return True


def test_an_event_is_heard_if_the_engine_hears_it():
    asked = [case for case in CASES if "event" in case]
    differing = {(case["pattern"], case["event"]) for case in asked if is_heard(case) != case["hears"]}
    assert differing == ENGINES_OWN_FAULTS
    assert len(asked) > 2000


def is_heard(case):
    return matches(parse(read_json(case["pattern"])), read_json(case["event"]))


SIBLINGS = [
    # equals-ignore-case takes UTF-16 units for characters
    ('{"a":[{"equals-ignore-case":"\\ud83d\\ude00"}]}', '{"a":"??"}', True),
    ('{"a":[{"anything-but":{"equals-ignore-case":"x\\ud83d\\ude00"}}]}', '{"a":"X\\ud83d\\ude00"}', True),
    ('{"a":[{"wildcard":"\\ud83d\\ude00*"},{"prefix":"\\ud83d"}]}', '{"a":"\\ud83d\\ude00"}', True),
    # an IPv4 address in IPv6 is one of IPv4
    ('{"a":["::ffff:a00:1"]}', '{"a":"10.0.0.1"}', True),
    ('{"a":[{"cidr":"10.0.0.0/8"}]}', '{"a":"::ffff:0a01:0203"}', True),
    ('{"a":[{"cidr":"::ffff:a00:0/8"}]}', '{"a":"10.9.9.9"}', True),
    ('{"a":[{"cidr":"::/1"}]}', '{"a":"::ffff:8000:1"}', False),
    ('{"a":["00001::"]}', '{"a":"1::"}', True),
    ('{"a":["10.0.0.0000001"]}', '{"a":"10.0.0.1"}', True),
    ('{"a":["10.0.0.000000001"]}', '{"a":"10.0.0.1"}', False),
    # addresses are compared by their hexadecimal digits
    ('{"a":["10.0.0.1"]}', '{"a":"a00:1::"}', True),
    ('{"a":["a00:1::"]}', '{"a":"10.0.0.1"}', False),
    ('{"a":[{"cidr":"::/0"}]}', '{"a":"0.0.0.0"}', False),
    ('{"a":[{"cidr":"18.0.0.0/8"}]}', '{"a":125}', True),
    ('{"a":[{"cidr":"18.0.0.0/8"}]}', '{"a":12}', False),
    ('{"a":[{"cidr":"18.0.0.0/8"}]}', '{"a":"125"}', False),
    # a plain value in an array is no element of its own
    ('{"a":[1],"a.b":[2]}', '{"a":[1,{"b":2}]}', True),
    ('{"a":{"b":[1],"b.c":[2]}}', '{"a":[{"b":[1,{"c":2}]},{"b":3}]}', True),
    ('{"a":{"b":[1],"b.c":[2]}}', '{"a":[{"b":[1]},{"b":{"c":2}}]}', False),
    # numbers
    ('{"a":[{"numeric":["<",0.1234567]}]}', '{"a":0.12345669}', True),
    ('{"a":[0.1]}', '{"a":0.10000000000000001}', False),
    ('{"a":[18014398509481985]}', '{"a":18014398509481985}', True),
    ('{"a":[18014398509481985]}', '{"a":18014398509481984}', False),
    ('{"a":[18014398509481985]}', '{"a":18014398509481985.0}', False),
    ('{"a":[1e400]}', '{"a":1e400}', True),
    ('{"a":[1e400]}', '{"a":2e400}', False),
    ('{"a":[{"numeric":[">",1]}]}', '{"a":1e400}', False),
    ('{"a":[{"anything-but":1}]}', '{"a":1e400}', True),
    ('{"a":[{"exists":true}]}', '{"a":1e999999999}', True),
    # half a character is a question mark
    ('{"a":["\\ud800"]}', '{"a":"?"}', True),
    ('{"a":["?"]}', '{"a":"\\udfff"}', True),
    # a name twice keeps both values
    ('{"a":[1]}', '{"a":1,"a":2}', True),
    ('{"a":[2]}', '{"a":1,"a":2}', True),
    ('{"a":{"b":[1],"c":[2]}}', '{"a":{"b":1},"a":{"c":2}}', True),
    ('{"a":{"b":[1]},"a":{"c":[2]}}', '{"a":{"b":3,"c":2}}', False),
    # an empty name is never heard
    ('{"":[1]}', '{"":1}', False),
    ('{"a":{"":{"b":[{"exists":true}]}}}', '{"a":{"":{"b":1}}}', False),
    ('{"a":{"":[{"exists":false}]}}', '{"a":{"":1}}', True),
    # a prefix or suffix that takes in the quote around a text
    ('{"a":[{"prefix":"b\\""}]}', '{"a":"b"}', True),
    ('{"a":[{"prefix":"b\\""}]}', '{"a":"b\\"c"}', True),
    ('{"a":[{"prefix":"b\\""}]}', '{"a":"bc"}', False),
    ('{"a":[{"prefix":{"equals-ignore-case":"b\\""}}]}', '{"a":"B"}', True),
    ('{"a":[{"suffix":"\\"b"}]}', '{"a":"b"}', True),
    ('{"a":[{"suffix":{"equals-ignore-case":"\\"b"}}]}', '{"a":"ab"}', False),
    ('{"a":[{"anything-but":{"prefix":"b\\""}}]}', '{"a":"b"}', False),
    ('{"a":[{"prefix":"\\""}]}', '{"a":""}', True),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "event", "heard"), SIBLINGS)
def test_what_is_like_the_cases_is_heard_like_them(pattern, event, heard):
    assert matches(parse(read_json(pattern)), read_json(event)) == heard


@pytest.mark.parametrize(
    ("pattern", "taken"),
    [
        ('{"$or":{"a":[{"anything-but":{"prefix":"a"}}]}}', True),
        ('{"$or":{"a":[{"anything-but":{"equals-ignore-case":["a","b"]}}]}}', True),
        ('{"$or":{"a":[{"anything-but":{"wildcard":"a*"}}]}}', False),
        ('{"$or":{"a":[1]},"b":[{"anything-but":{"suffix":["a","b"]}}]}', False),
        ('{"$or":[{"a":[1]},{"prefix":[1]}],"b":[{"anything-but":{"prefix":["a"]}}]}', False),
        ('{"a":[{"prefix":"a","prefix":"b"}]}', False),
        ('{"a":[{"numeric":["=",5e-324]}]}', False),
        ('{"a":[{"numeric":["=",4.9e-324]}]}', True),
        ('{"a":[{"cidr":"10.0.0.0/8/"}]}', True),
        ('{"a":[{"cidr":"::ffff:a00:0/32"}]}', False),
    ],
)  # fmt: skip
def test_what_is_like_the_cases_is_taken_like_them(pattern, taken):
    assert is_taken(pattern) == taken

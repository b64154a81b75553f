"""What AWS documents of matching, operator by operator, and what Event Ruler's own tests say.

`GUIDE` is the EventBridge user guide, "Comparison operators for use in event patterns" (the page's sections are named),
`RULER` is https://github.com/aws/event-ruler, whose README and tests are named.
"""

ABSENT = object()

VALUES = {
    "GUIDE: exact": (
        ["New York", 3.018e2, True, None, ""],
        ["New York", 301.8, True, None, ""],
        ["new york", "301.8", 1, False, "null", [], {}],
    ),
    "RULER README: any element of an array": (["a", "b"], [["x", "b"], [["a"]]], [["x", "y"], [], ["ab"]]),
    "RULER JsonRuleCompilerTest.testVariantForms": ([133.3], [133.3, 1.333e2], ["133.3", 133.30001]),
    "RULER JsonRuleCompilerTest.testBigNumbers": ([123456789012], [123456789012], [123456789013]),
    "RULER CIDRTest: an exact address in any spelling": (
        ["10.0.0.1"],
        ["10.0.0.1", "010.0.0.1"],
        ["10.0.0.2", "10.0.0"],
    ),
    "GUIDE: prefix": ([{"prefix": "2017-10-02"}], ["2017-10-02T18:43:48Z", "2017-10-02"], ["017-10-02", 2017, ABSENT]),
    "RULER: an empty prefix is any text": ([{"prefix": ""}], ["", "a"], [1, True, None, ABSENT]),
    "GUIDE: prefix, ignoring case": (
        [{"prefix": {"equals-ignore-case": "EventB"}}],
        ["EventBridge", "eventb", "EVENTBUS"],
        ["event", "aEventB"],
    ),
    "GUIDE: suffix": ([{"suffix": ".png"}], ["a.png", ".png"], [".PNG", "png", ".png "]),
    "GUIDE: suffix, ignoring case": ([{"suffix": {"equals-ignore-case": ".png"}}], [".PNG", "a.pNg"], [".pn"]),
    "GUIDE: equals-ignore-case": ([{"equals-ignore-case": "alice"}], ["ALICE", "Alice"], ["alice ", "ali"]),
    "RULER EqualsIgnoreCaseParserTest: case may change length": (
        [{"equals-ignore-case": "stra\u00dfe"}],
        ["STRASSE", "stra\u00dfe"],
        ["strase"],
    ),
    "GUIDE: wildcard": (
        [{"wildcard": "dir/*/file.png"}],
        ["dir/x/file.png", "dir//file.png"],
        ["dir/file.png", "dir/x/file.pngx"],
    ),
    "GUIDE: wildcard, escaped": ([{"wildcard": r"a\*b\\*"}], ["a*b\\", "a*b\\x"], ["axb\\", "a*b"]),
    "RULER: a star spans lines, and alone is any text": (
        [{"wildcard": "a*"}, {"wildcard": "*"}],
        ["", "a\nb"],
        [1, None],
    ),
    "GUIDE: anything-but": (
        [{"anything-but": "initializing"}],
        ["running", "", 1, True, None],
        ["initializing", [], ABSENT],
    ),
    "GUIDE: anything-but, number": ([{"anything-but": 123}], [124, "123", True], [123, 123.0]),
    "GUIDE: anything-but, list of texts": (
        [{"anything-but": ["stopped", "overloaded"]}],
        ["running", 1],
        ["stopped", "overloaded"],
    ),
    "GUIDE: anything-but, list of numbers": ([{"anything-but": [100, 200]}], [300, "100"], [100, 2e2]),
    "GUIDE: anything-but, one element is enough": ([{"anything-but": "a"}], [["a", "b"]], [["a", "a"]]),
    "GUIDE: anything-but prefix": ([{"anything-but": {"prefix": "init"}}], ["running", 1], ["initializing"]),
    "GUIDE: anything-but prefix, list": (
        [{"anything-but": {"prefix": ["init", "error"]}}],
        ["running"],
        ["init", "errors"],
    ),
    "GUIDE: anything-but suffix": ([{"anything-but": {"suffix": [".txt", ".rtf"]}}], [".doc"], ["a.txt", ".rtf"]),
    "GUIDE: anything-but equals-ignore-case": (
        [{"anything-but": {"equals-ignore-case": ["initializing", "stopped"]}}],
        ["running"],
        ["INITIALIZING", "stopped"],
    ),
    "GUIDE: anything-but wildcard": (
        [{"anything-but": {"wildcard": ["*/lib/*", "*/bin/*"]}}],
        ["/usr/src/x"],
        ["/usr/lib/x", "/usr/bin/"],
    ),
    "GUIDE: numeric": ([{"numeric": [">", 0, "<=", 5]}], [5, 0.000001], [0, 5.000001, "3", True, None]),
    "GUIDE: numeric, one limit": ([{"numeric": ["<", 10]}], [-5e9, 9.99], [10, ABSENT]),
    "GUIDE: numeric equality": ([{"numeric": ["=", 301.8]}], [3.018e2], [301.81]),
    "GUIDE: exists true": ([{"exists": True}], [None, "", False, 0, [None], [{"x": 1}, 1]], [ABSENT, {}, [], {"x": 1}]),
    "GUIDE: exists false": ([{"exists": False}], [ABSENT, {}, [], {"x": 1}], [None, 1, [1]]),
    "GUIDE: exists false or a value": ([{"exists": False}, "a"], [ABSENT, "a"], ["b", None]),
    "GUIDE: cidr": (
        [{"cidr": "10.0.0.0/24"}],
        ["10.0.0.0", "10.0.0.255"],
        ["10.0.1.0", "a", 167772161, "::ffff:10.0.0.1"],
    ),
    "RULER README: cidr, IPv6": (
        [{"cidr": "2001:db8::/32"}],
        ["2001:db8::1", "2001:DB8:0::F"],
        ["2001:db9::1", "10.0.0.1"],
    ),
    "RULER: exactly": ([{"exactly": "a"}], ["a"], ["b"]),
}

EMPLOYEES = {
    "employees": [
        {"firstName": "John", "lastName": "Doe"},
        {"firstName": "Anna", "lastName": "Smith"},
        {"firstName": "Peter", "lastName": "Jones"},
    ]
}
CHOICE = {
    "source": ["cw"],
    "$or": [{"metric": ["CPU", "Latency"]}, {"type": ["T"], "namespace": ["EC2", "ES"]}, {"scope": ["S"]}],
}
OTHERWISE = [
    ({"d": {"b": [{"exists": False}]}}, {"d": [{"a": 1}, {"b": 2}]}),
    ({"d": {"b": [2], "a": [{"exists": False}]}}, {"d": [{"a": 1}, {"b": 2}]}),
    ({"detail": {"state": {"status": ["running"]}}}, {"detail": {"state.status": "running"}}),
]
"""Where other implementations differ from Event Ruler: they ask each element alone whether a field is missing, and take
a name with a dot in an event for no path."""

EVENTS = [
    # RULER README, "JSON Array Matching": two fields of an array's objects must be met in one of them
    ({"employees": {"firstName": ["Anna"]}}, EMPLOYEES, True),
    ({"employees": {"firstName": ["Anna"], "lastName": ["Jones"]}}, EMPLOYEES, False),
    ({"employees": {"firstName": ["Anna"], "lastName": ["Smith"]}}, EMPLOYEES, True),
    ({"employees": {"firstName": ["Anna"]}}, {"employees": [EMPLOYEES["employees"], []]}, True),
    # RULER correctness-cases.json: nested arrays, and arrays side by side
    ({"u": {"t": {"k": ["c"], "v": ["b"]}}}, {"u": [{"t": [{"k": "c"}, {"v": "b"}]}]}, False),
    ({"u": {"t": {"k": ["c"], "v": ["b"]}}}, {"u": [{"t": [{"k": "c"}]}, {"t": [{"k": "c", "v": "b"}]}]}, True),
    ({"d": {"n": ["a"], "i": {"x": [1]}}}, {"d": [{"n": "a"}, {"i": {"x": 1}}]}, False),
    ({"a": {"x": [1]}, "b": {"y": [2]}}, {"a": [{"x": 1}], "b": [{"y": 1}, {"y": 2}]}, True),
    # RULER ACFinder and NameState: `exists: false` looks at the elements that are chosen by then, in the paths' order
    *((*case, False) for case in OTHERWISE[:2]),
    ({"d": {"a": [1], "b": [{"exists": False}]}}, {"d": [{"a": 1}, {"b": 2}]}, True),
    # RULER README, "Exists matching": missing objects on the way
    ({"detail": {"c": {"d": [{"exists": False}]}}}, {"detail": {}}, True),
    ({"detail": {"c": {"d": [{"exists": False}]}}}, {"detail": "text"}, True),
    ({"detail": {"c": {"d": [{"exists": True}]}}}, {"detail": {"c": 1}}, False),
    # RULER README, "JSON keys with dots"
    ({"detail": {"state.status": ["running"]}}, {"detail": {"state": {"status": "running"}}}, True),
    (*OTHERWISE[2], True),
    # RULER README, 'The "$or" Primitive': within, side by side, nested
    (CHOICE, {"source": "cw", "metric": "CPU"}, True),
    (CHOICE, {"source": "cw", "type": "T", "namespace": "ES"}, True),
    (CHOICE, {"source": "cw", "type": "T"}, False),
    (CHOICE, {"source": "x", "scope": "S"}, False),
    ({"$or": [{"a": [1]}, {"b": [1]}], "d": {"$or": [{"c": [1]}, {"e": [1]}]}}, {"b": 1, "d": {"e": 1}}, True),
    ({"$or": [{"a": [1]}, {"b": [1]}], "d": {"$or": [{"c": [1]}, {"e": [1]}]}}, {"b": 1, "d": {}}, False),
    ({"$or": [{"a": [1]}, {"b": [1], "$or": [{"c": [1]}, {"e": [1]}]}]}, {"b": 1, "e": 1}, True),
    # RULER JsonRuleCompiler.writeRules: a path that is written again keeps what was written last
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, {"a": "2"}, True),
    ({"a": ["1"], "$or": [{"a": ["2"]}, {"b": ["3"]}]}, {"a": "1"}, False),
    ({"$or": [{"a": ["2"]}, {"b": ["3"]}], "a": ["1"]}, {"a": "2"}, False),
    # RULER README, "The backward compatibility of using $or": a field of that name
    ({"$or": {"a": ["M"]}}, {"$or": {"a": "M"}}, True),
    ({"$or": [{"numeric": ["=", 1]}, {"prefix": "a"}]}, {"$or": "ab"}, True),
]  # fmt: skip

TAKEN = [
    {"a": [1, "a", None, True, 3e2, ""]},
    {"a": [{"prefix": ""}, {"suffix": ""}, {"wildcard": ""}, {"equals-ignore-case": ""}]},
    {"a": [{"anything-but": {"equals-ignore-case": ["abc", ""]}}, {"anything-but": {"wildcard": ""}}]},
    {"a": [{"numeric": [">", -5e9, "<=", 5e9]}, {"numeric": ["=", 0.000033]}, {"numeric": ["=", -4e-6]}]},
    {"a": [{"cidr": "10.0.0.5/0"}, {"cidr": "2001:db8::/127"}]},
    {"a": [123456789012345678]},
    {"$or": [{"a": [1]}, {"b": [1]}], "c": {"$or": [{"d": [1]}, {"e": {"f": [2]}}]}},
]

"""What SECURITY.md and docs/ say of security leads to code and tests that exist."""

import re

import pytest

from infrastructure.render import ROOT

DOCUMENTS = ("SECURITY.md", "docs/threats.md", "docs/access.md")
TESTS = {
    name
    for path in (ROOT / "tests").rglob("test_*.py")
    for name in re.findall(r"(?m)^def (test_\w+)", path.read_text())
}


def text(document):
    return (ROOT / document).read_text()


@pytest.mark.parametrize("document", DOCUMENTS)
def test_its_links_lead_to_files(document):
    links = re.findall(r"\]\((?!https?:)([^)#]+)", text(document))
    assert links
    assert [link for link in links if not ((ROOT / document).parent / link).exists()] == []


def test_every_test_that_the_threats_name_is_one():
    named = set(re.findall(r"`(test_\w+)`", text("docs/threats.md")))
    assert len(named) > 20
    assert named - TESTS == set()


def rows(text):
    """Section, threat and what stops it, of every row of a table; under them every section without one, with all of its
    text for both."""
    for section in re.split(r"(?m)^## ", text)[1:]:
        title, _, body = section.partition("\n")
        found = re.findall(r"(?m)^\| (.*?) \| ?(.*?) ?\|$", body)
        told = [(threat, control) for threat, control in found if threat != "could want to"]
        yield from ((title, *each) for each in told or [(title, body)])


def unheld(text):
    """Threats that nothing stops, or of which no test holds it."""
    for section, threat, control in rows(text):
        named = re.findall(r"`(test_\w+)`", control)
        words = re.sub(r"`test_\w+`|[\W_]", "", control)
        if not words or not set(named) & TESTS or set(named) - TESTS:
            yield f"{section}: {threat}"


THREATS = [
    "mail somebody again and again",
    "which of many cards are good",
    "have a browser do it",
    "try idempotency keys",
    "silence the alarms",
    "lock the admins out",
    "a dynamic reference",
    "in its dead letters",
    "in dead letters",
    "forge another's event",
    "rebinding",
    "from another account of the machine",
]


def test_every_threat_has_what_stops_it_and_a_test_that_holds_that():
    found = list(rows(text("docs/threats.md")))
    assert len(found) > 40
    assert list(unheld(text("docs/threats.md"))) == []


@pytest.mark.parametrize("threat", THREATS)
def test_a_threat_that_was_carried_out_once_is_named(threat):
    assert [told for _, told, _ in rows(text("docs/threats.md")) if threat in told]


@pytest.mark.parametrize(
    "control",
    [
        "",
        "it is only compared",
        "`test_every_threat_has_what_stops_it_and_a_test_that_holds_that`",
        "a limit: `test_that_there_never_was`",
        "a limit: `test_every_test_that_the_threats_name_is_one`, `test_that_there_never_was`",
    ],
    ids=["nothing", "no test", "no control", "a test that there is not", "one test too many"],
)
def test_a_threat_without_control_or_test_is_found(control):
    head = "# T\n\n## Somebody\n\n| could want to | what stops it |\n|---|---|\n"
    held = "| read | a limit: `test_every_test_that_the_threats_name_is_one` |\n"
    assert list(unheld(head + held)) == []
    assert list(unheld(f"{head}{held}| write | {control} |\n")) == ["Somebody: write"]


def test_a_section_without_a_table_needs_a_control_and_a_test_all_the_same():
    assert list(unheld("## An insider\n\nIs trusted.\n")) != []
    assert list(unheld("## An insider\n\nIs watched: `test_every_test_that_the_threats_name_is_one`\n")) == []


def test_every_secret_of_the_stack_has_its_line():
    from infrastructure.stack.template import template

    resources = template().to_dict()["Resources"].values()
    names = [
        each["Properties"]["Name"]["Fn::Sub"] for each in resources if each["Type"] == "AWS::SecretsManager::Secret"
    ]
    assert names
    assert [name for name in names if f"| `{name.replace('${Stage}', 'dev')}` |" not in text("docs/access.md")] == []

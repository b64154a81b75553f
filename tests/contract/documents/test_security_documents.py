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


def test_every_secret_of_the_stack_has_its_line():
    from infrastructure.stack.template import template

    resources = template().to_dict()["Resources"].values()
    names = [
        each["Properties"]["Name"]["Fn::Sub"] for each in resources if each["Type"] == "AWS::SecretsManager::Secret"
    ]
    assert names
    assert [name for name in names if f"| `{name.replace('${Stage}', 'dev')}` |" not in text("docs/access.md")] == []

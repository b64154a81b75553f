"""Every page is true where a machine can tell: its links, commands, files, names of code, and what explains what."""

import re
import subprocess
from importlib import import_module

import pytest

from infrastructure.render import ROOT
from orderwire.__main__ import main

PAGES = sorted(
    path
    for pattern in ("*.md", "docs/**/*.md", "packages/*/README.md", "examples/*/README.md", "samples/README.md")
    for path in ROOT.glob(pattern)
)
OURS = ("orderwire", "infrastructure", "checkout_api", "consumers", "tables", "edges", "schemas", "eventbridge_rules")
WRITTEN_BY_THE_READER = {"subscriptions/campus-large-orders.yaml", "consumers/greetings.py", "tables/greetings.py"}
"""Files that a page asks its reader to write."""
DECISIONS = ROOT / "docs/decisions"


def name(page):
    """As it is called in the repository."""
    return str(page.relative_to(ROOT))


def text(page):
    return (ROOT / page).read_text()


def inline(page):
    """What the page's running text has between backticks."""
    return re.findall(r"`([^`\n]+)`", re.sub(r"(?ms)^ *```.*?^ *```", "", text(page)))


def typed(page):
    """What the page's blocks of `console` type after a prompt."""
    return re.findall(r"(?m)^ *\$ (.*)$", text(page))


def anchors(page):
    """The fragments under which GitHub has the page's headings."""
    headings = re.findall(r"(?m)^#+ (.*)$", re.sub(r"(?ms)^ *```.*?^ *```", "", text(page)))
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def links(page):
    return re.findall(r"\]\((?!https?:)([^)\s]+)\)", re.sub(r"`[^`\n]*`", "", text(page)))


LINKS = sorted({(name(page), link) for page in PAGES for link in links(page)})


@pytest.mark.parametrize(("page", "link"), LINKS)
def test_a_link_leads_to_a_file_and_to_a_heading_of_it(page, link):
    path, _, heading = link.partition("#")
    target = ((ROOT / page).parent / path).resolve() if path else ROOT / page
    assert target.exists()
    if heading:
        assert heading in anchors(target)


TARGETS = {
    (name(page), target)
    for page in PAGES
    for line in [*inline(page), *typed(page)]
    for target in re.findall(r"(?:^|[;&] *)make ([a-z-]+)", line)
}


@pytest.fixture(scope="module")
def listed_targets():
    told = subprocess.run(["make", "help"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return {*re.findall(r"(?m)^\s+([a-z-]+)\s", told), "help"}


def test_every_make_target_that_a_page_names_is_listed_by_make_help(listed_targets):
    assert {(page, target) for page, target in TARGETS if target not in listed_targets} == set()


CALLS = sorted(
    {
        call
        for page in PAGES
        for line in [*inline(page), *typed(page)]
        for call in re.findall(r"^(?:\.venv/bin/)?orderwire ([a-z][^`\n]*)", line)
    }
)


@pytest.mark.parametrize("call", CALLS)
def test_a_command_that_a_page_names_exists_and_has_its_options(call, capsys):
    words, options = call.split(" --")[0].split(), set(re.findall(r" (--[a-z-]+)", call))
    with pytest.raises(SystemExit) as ended:
        main([*words, "--help"])
    told = capsys.readouterr()
    assert (ended.value.code, told.err) == (0, "")
    assert options <= set(re.findall(r"--[a-z-]+", told.out))


NAMES = sorted(
    {
        (name(page), dotted)
        for page in PAGES
        for code in inline(page)
        for dotted in re.findall(rf"^((?:{'|'.join(OURS)})(?:\.\w+)+)(?:\(\))?$", code)
    }
)


@pytest.mark.parametrize(("page", "dotted"), NAMES)
def test_a_dotted_name_of_our_code_is_one(page, dotted):
    assert found(dotted)


def found(dotted):
    """Whether the name leads to a module, or to something in one."""
    parts = dotted.split(".")
    for length in range(len(parts), 0, -1):
        try:
            here = import_module(".".join(parts[:length]))
        except ModuleNotFoundError:
            continue
        for part in parts[length:]:
            fields = getattr(here, "model_fields", {}) | getattr(here, "__dataclass_fields__", {})
            if part not in fields and not hasattr(here, part):
                return False
            here = getattr(here, part, None)
        return True
    return False


@pytest.mark.parametrize(
    "dotted", ["consumers.nobody", "tables.orders.Orders.nothing", "schemas.events.OrderCreated.totl"]
)
def test_a_dotted_name_that_leads_nowhere_is_found(dotted):
    assert not found(dotted)


TOP = "|".join(re.escape(path.name) for path in ROOT.iterdir() if path.is_dir() and not path.name.startswith("."))


FILES = {
    (name(page), code)
    for page in PAGES
    for code in inline(page)
    if re.fullmatch(rf"(?:{TOP})/[\w./-]*", code) and code not in WRITTEN_BY_THE_READER
}


def test_every_file_and_folder_that_a_page_names_is_there():
    """From the top of the repository or from the page's own folder; or it is what a command writes."""
    missing = {(page, path) for page, path in FILES if not exists(page, path) and not made(path)}
    assert missing == set()


def exists(page, path):
    return (ROOT / path).exists() or ((ROOT / page).parent / path).exists()


def made(path):
    """Whether git ignores it, because a command writes it."""
    return subprocess.run(["git", "check-ignore", "-q", path], cwd=ROOT).returncode == 0


def sources():
    """Our files of Python, as (path, text)."""
    folders = [*OURS[:-1], "packages", "tests"]
    paths = [path for folder in folders for path in (ROOT / folder).rglob("*.py") if "__pycache__" not in path.parts]
    return [(path, path.read_text()) for path in paths]


def test_every_page_of_decisions_is_in_the_index_and_named_by_the_code_that_it_explains():
    pages = {path.name for path in DECISIONS.glob("*.md")} - {"README.md"}
    named = {page for _, code in sources() for page in re.findall(r"(?m)^Why: docs/decisions/(\S+)$", code)}
    assert pages == set(links(DECISIONS / "README.md")) == named


def test_every_decision_has_its_day():
    pages = set(DECISIONS.glob("*.md")) - {DECISIONS / "README.md"}
    assert pages
    undated = [
        f"{page.name}: {heading}"
        for page in sorted(pages)
        for heading in re.findall(r"(?m)^## (.*)$", page.read_text())
        if not re.match(r"20\d\d-\d\d-\d\d: \S", heading)
    ]
    assert undated == []

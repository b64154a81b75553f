"""What is installed is what requirements*.txt lock: every package, by its version and the hashes of its files."""

import re
from importlib.metadata import PackageNotFoundError, distribution
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from infrastructure.render import ROOT
from orderwire.console.problem import Problem
from orderwire.release.packaging.layer import pins, require_complete

LOCKS = ("requirements", "requirements-run", "requirements-test", "requirements-tools", "requirements-checkov")
IN_THIS_ENVIRONMENT = LOCKS[:3]
ENTRY = re.compile(r"(?m)^(?P<pin>[^\s#][^\n\\]*?) *\\\n(?P<hashes>(?: +--hash=sha256:[0-9a-f]{64}(?: \\)?\n)+)")

each_lock = pytest.mark.parametrize("name", LOCKS)


def lock(name):
    return (ROOT / f"{name}.txt").read_text()


def asked(name):
    """What a file of ours asks for, in the files that it takes in too."""
    for line in (ROOT / f"{name}.in").read_text().splitlines():
        text = line.partition(" #")[0].strip()
        if text.startswith("-r "):
            yield from asked(text.removeprefix("-r ").removesuffix(".in"))
        elif text and not text.startswith(("#", "-c ")):
            yield Requirement(text)


def needs(found, extras=frozenset()):
    """What an installed distribution needs here, with these extras."""
    for need in map(Requirement, found.requires or ()):
        if need.marker is None or any(need.marker.evaluate({"extra": extra}) for extra in {"", *extras}):
            yield need


@each_lock
def test_every_line_of_a_lock_is_a_version_with_its_hashes(name):
    rest = ENTRY.sub("", lock(name))
    assert [line for line in rest.splitlines() if line and not line.lstrip().startswith("#")] == []
    for entry in ENTRY.finditer(lock(name)):
        [version] = Requirement(entry["pin"]).specifier
        assert version.operator == "=="


@each_lock
def test_what_is_asked_for_is_pinned_and_locked_at_that_version(name):
    locked = dict(pins(lock(name)))
    for requirement in asked(name):
        [version] = requirement.specifier
        assert version.operator == "=="
        assert locked[canonicalize_name(requirement.name)] == version.version, f"{requirement}: run make lock"


@pytest.mark.parametrize("name", IN_THIS_ENVIRONMENT)
def test_a_lock_has_everything_that_its_packages_need(name):
    locked, waiting, seen = dict(pins(lock(name))), list(asked(name)), set()
    while waiting:
        requirement = waiting.pop()
        key = (canonicalize_name(requirement.name), frozenset(requirement.extras))
        if key not in seen:
            seen.add(key)
            assert key[0] in locked, f"{requirement}: run make lock"
            waiting += needs(distribution(key[0]), key[1])


def test_the_locks_agree_with_each_other():
    small, middle, large = (dict(pins(lock(name))) for name in IN_THIS_ENVIRONMENT)
    assert small.items() <= middle.items() <= large.items()


def test_what_is_installed_here_is_what_is_locked():
    def installed(name):
        try:
            return distribution(name).version
        except PackageNotFoundError:
            return None

    differing = {
        name: installed(name) for name, version in pins(lock("requirements-test")) if installed(name) != version
    }
    assert differing == {}, "run make lint, which installs what is locked"


def test_what_is_compiled_is_locked_for_both_architectures_and_not_for_one_machine():
    """A universal lock lists every file of a release: the wheels of a compiled package are many."""
    hashes = {
        Requirement(each["pin"]).name: each["hashes"].count("--hash") for each in ENTRY.finditer(lock("requirements"))
    }
    assert min(hashes[name] for name in ("pydantic-core", "cryptography", "cffi")) > 20


def test_every_lock_is_made_by_make_lock_and_looked_up_by_make_audit():
    makefile = (ROOT / "Makefile").read_text()
    [locked, audited] = re.findall(r"for name in (.*); do", makefile)
    assert set(locked.split()) == set(LOCKS) == {path.stem for path in ROOT.glob("requirements*.txt")}
    assert set(LOCKS) - set(audited.split()) == {"requirements", "requirements-run"}  # parts of requirements-test
    assert "--strict" in makefile  # without it pip-audit calls it a success when it could look nothing up


def test_make_installs_nothing_without_its_hash():
    makefile = (ROOT / "Makefile").read_text()
    installs = [line for line in makefile.splitlines() if re.search(r"\bpip\b.*\binstall\b", line)]
    assert len(installs) == 2
    assert all("--require-hashes" in each for each in installs)


def layer(folder, *names):
    with ZipFile(folder / "layer.zip", "w") as file:
        for name in names:
            file.writestr(f"python/lib/python3.11/site-packages/{name}.dist-info/METADATA", "")
    return folder / "layer.zip"


@pytest.mark.parametrize(
    ("packed", "missing"),
    [
        (["one-1.0", "two_halves-2.1"], None),
        (["one-1.0"], "two-halves 2.1"),
        (["one-1.1", "two_halves-2.1"], "one 1.0"),
        ([], "one 1.0, two-halves 2.1"),
    ],
)
def test_a_layer_that_lacks_what_is_locked_is_refused(packed, missing, tmp_path):
    requirements = tmp_path / "requirements.txt"
    never = "other==1 ; sys_platform == 'nowhere' \\\n    --hash=sha256:00\n"
    requirements.write_text(
        f"# a lock\none==1.0 \\\n    --hash=sha256:00\n    # via two\n{never}Two_Halves==2.1 \\\n    --hash=sha256:00\n"
    )
    made = layer(tmp_path, *packed)
    if missing is None:
        require_complete(made, requirements)
        return
    with pytest.raises(Problem, match=f"could not pack {missing}:"):
        require_complete(made, requirements)


def test_the_locks_are_made_for_the_oldest_python_that_is_taken():
    assert "--python-version 3.11" in (ROOT / "Makefile").read_text()
    assert 'requires-python = ">=3.11"' in (ROOT / "pyproject.toml").read_text()

"""The code of another commit runs with the Python that it names for its stage, and is made ready before all else."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from infrastructure.render import ROOT
from infrastructure.stages import DEV, PROD
from orderwire.console.problem import Problem
from orderwire.release.environment import READY, environment, interpreter, prepare, python_of, run_orderwire

RUNNING = Path(sys.executable)
THIS = ".".join(map(str, sys.version_info[:2]))
MAKES = f"""{READY}:
\t@mkdir -p .venv/bin
\t@printf '#!/bin/sh\\necho with $(PYTHON) "$$@" >> ran.txt\\nexit 7\\n' > .venv/bin/python
\t@chmod +x .venv/bin/python
"""


def checkout(root, python, makefile=MAKES):
    """A checkout whose stage prod names this Python, and whose command ends with its first argument."""
    for room in ("infrastructure", "orderwire"):
        (root / room).mkdir()
        (root / room / "__init__.py").touch()
    stages = "from types import SimpleNamespace as N\n"
    (root / "infrastructure/stages.py").write_text(f"{stages}STAGES = {{'prod': N(python={python!r})}}")
    (root / "orderwire/__main__.py").write_text("import sys; sys.exit(int(sys.argv[1]))")
    (root / "Makefile").write_text(makefile)
    return root


@pytest.mark.parametrize("python", [None, THIS])
def test_a_commit_that_this_python_will_do_for_runs_with_it_and_its_libraries(tmp_path, python):
    told = []
    runner = prepare(checkout(tmp_path, python), PROD, told.append)
    assert (runner.run(["5"]), runner.own, told) == (5, False, [])
    assert not (tmp_path / ".venv").exists()


def test_in_the_embedded_aws_which_runs_this_python_any_commit_does_with_it(tmp_path):
    runner = prepare(checkout(tmp_path, "2.7"), replace(PROD, emulated=True), lambda line: None)
    assert (runner.run(["5"]), runner.own) == (5, False)


def test_a_commit_that_wants_another_python_gets_an_environment_of_its_own_made_as_it_makes_it(tmp_path):
    """This machine has one Python for certain; to a process that runs with `other` it is another one."""
    other, told = tmp_path / "other", []
    other.write_text(f'#!/bin/sh\n[ "$1" = -c ] && echo 2.7 && exit\nexec {sys.executable} "$@"\n')
    other.chmod(0o755)
    (tmp_path / "there").mkdir()
    runner = prepare(checkout(tmp_path / "there", THIS), PROD, told.append, running=other)
    assert (runner.run(["deploy", "prod"]), runner.own) == (7, True)
    assert told == [
        f"that commit runs with Python {THIS}: an environment of its own is made, with the tools that it locks"
    ]
    [ran] = (tmp_path / "there/ran.txt").read_text().splitlines()
    assert ran == f"with {interpreter(THIS)} -P -m orderwire deploy prod"


def test_an_environment_that_cannot_be_made_is_a_problem_with_the_reason(tmp_path):
    broken = checkout(tmp_path, THIS, f"{READY}:\n\t@echo 'no such lock' >&2; exit 2\n")
    with pytest.raises(Problem, match="cannot be made: no such lock"):
        environment(broken, THIS, lambda line: None)


def test_a_python_that_is_not_here_and_cannot_be_fetched_is_a_problem_that_says_what_to_do():
    with pytest.raises(
        Problem, match=r"no Python 2\.1 on this machine.*No download found.* Put it on the PATH as python2\.1"
    ):
        interpreter("2.1")


def test_a_commit_that_does_not_know_the_stage_is_a_problem(tmp_path):
    with pytest.raises(Problem, match="does not say which Python stage dev runs with: KeyError: 'dev'"):
        python_of(checkout(tmp_path, THIS), DEV, RUNNING)


def test_this_checkout_says_what_each_stage_runs_with_and_how_it_is_made_ready():
    assert (python_of(ROOT, PROD, RUNNING), python_of(ROOT, DEV, RUNNING)) == (PROD.python, None)
    known = subprocess.run(["make", "--dry-run", READY], cwd=ROOT, capture_output=True, text=True, check=False)
    assert known.returncode == 0, known.stderr


def test_another_checkouts_command_runs_with_the_python_that_it_is_given(tmp_path):
    (checkout(tmp_path, THIS) / "orderwire/__main__.py").write_text(
        "import sys; sys.exit(int(sys.argv[1]) if sys.executable == sys.argv[2] else 9)"
    )
    assert run_orderwire(tmp_path, ["7", sys.executable], RUNNING) == 7

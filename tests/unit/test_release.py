"""What stands around Chalice when a stage is packaged or deployed."""

import sys
from pathlib import Path

import pytest

from infrastructure.render import ROOT
from orderwire.problem import Problem
from orderwire.release.package import ARCHITECTURES, chalice, copy_sources, machine_architecture, remembered


def write(path, text=""):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def test_a_clean_copy_leaves_caches_and_hidden_files_behind(tmp_path):
    root, copy = tmp_path / "root", tmp_path / "copy"
    for name in ("app.py", "requirements.txt", ".chalice/config.json", ".chalice/policy-dev-f.json"):
        write(root / name)
    for name in ("consumers/orders.py", "consumers/__pycache__/orders.pyc", "consumers/.orders.py.swp", "tests/t.py"):
        write(root / name)
    (root / "vendor").mkdir()
    (root / "vendor/consumers").symlink_to("../consumers")
    copy.mkdir()
    copy_sources(root, copy)
    assert {str(path.relative_to(copy)) for path in copy.rglob("*") if path.is_file()} == {
        "app.py",
        "requirements.txt",
        ".chalice/config.json",
        ".chalice/policy-dev-f.json",
        "vendor/consumers/orders.py",
    }


def test_python_keeps_its_caches_out_of_the_folders_that_chalice_packs():
    assert sys.pycache_prefix is not None
    assert not Path(sys.pycache_prefix).is_relative_to(ROOT) or Path(sys.pycache_prefix).is_relative_to(sys.prefix)


def test_what_chalice_has_deployed_is_remembered_even_if_it_fails(tmp_path):
    inside, kept = tmp_path / "copy/deployed", tmp_path / "checkout/deployed"
    write(kept / "dev.json", "first")

    def fail():
        with remembered(inside, kept):
            assert (inside / "dev.json").read_text() == "first"
            (inside / "dev.json").write_text("second")
            raise Problem("chalice deploy failed")

    with pytest.raises(Problem):
        fail()
    assert (kept / "dev.json").read_text() == "second"


def test_a_first_deployment_is_remembered(tmp_path):
    with remembered(tmp_path / "copy", tmp_path / "checkout/deployed"):
        write(tmp_path / "copy/dev.json", "first")
    assert (tmp_path / "checkout/deployed/dev.json").read_text() == "first"


def test_what_chalice_refuses_is_a_problem(tmp_path):
    with pytest.raises(Problem, match=r"chalice package failed \(exit code \d+\); the reason is above\."):
        chalice(tmp_path, ["package", "--stage", "dev", str(tmp_path / "out")])


@pytest.mark.parametrize(("machine", "architecture"), [*ARCHITECTURES.items(), ("AARCH64", "arm64")])
def test_a_machine_is_called_as_lambda_calls_it(machine, architecture):
    assert machine_architecture(machine) == architecture


def test_a_machine_that_lambda_has_not_is_a_problem():
    with pytest.raises(Problem, match="riscv64"):
        machine_architecture("riscv64")

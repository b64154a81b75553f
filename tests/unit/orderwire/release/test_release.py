"""What stands around Chalice when a stage is packaged or deployed."""

import json

import pytest

from orderwire.console.problem import Problem
from orderwire.release.packaging.layer_cache import digest
from orderwire.release.packaging.package import ARCHITECTURES, chalice, copy_sources, machine_architecture, remembered


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


def test_a_layer_is_packed_once_whatever_python_has_left_beside_the_sources(tmp_path):
    """The cache's key is a hash of the clean copy."""
    found = []
    for caches in ((), ("consumers/__pycache__/orders.cpython-311.pyc", "consumers/orders.pyc")):
        root, copy = tmp_path / f"root-{len(caches)}", tmp_path / f"copy-{len(caches)}"
        names = ("app.py", "requirements.txt", ".chalice/config.json", "consumers/orders.py", *caches)
        for name in names:
            write(root / name, name)
        (root / "vendor").mkdir()
        (root / "vendor/consumers").symlink_to("../consumers")
        copy.mkdir()
        copy_sources(root, copy)
        found.append(digest(copy))
    assert len(set(found)) == 1


def of(*names):
    return {"resources": [{"name": name, "resource_type": "lambda_function"} for name in names]}


def test_chalice_finds_what_is_deployed_and_what_it_came_to_is_kept_even_if_it_fails(tmp_path):
    inside, kept = tmp_path / "copy/deployed/dev.json", tmp_path / "checkout/deployed/dev.json"
    in_account = iter([of("orders"), of("orders", "payment")])
    write(kept, "of somebody's last deployment from here")

    def fail():
        with remembered(lambda: next(in_account), inside, kept):
            assert json.loads(inside.read_text()) == of("orders")
            raise Problem("chalice deploy failed")

    with pytest.raises(Problem):
        fail()
    assert json.loads(kept.read_text()) == of("orders", "payment")


def test_a_first_deployment_finds_no_record_and_a_deletion_leaves_none(tmp_path):
    inside, kept = tmp_path / "copy/deployed/dev.json", tmp_path / "checkout/deployed/dev.json"
    write(kept, "of what somebody else has deleted since")
    with remembered(of, inside, kept):
        assert not inside.exists()
    assert not kept.exists()


def test_what_chalice_refuses_is_a_problem(tmp_path):
    with pytest.raises(Problem, match=r"chalice package failed \(exit code \d+\); the reason is above\."):
        chalice(tmp_path, ["package", "--stage", "dev", str(tmp_path / "out")])


@pytest.mark.parametrize(("machine", "architecture"), [*ARCHITECTURES.items(), ("AARCH64", "arm64")])
def test_a_machine_is_called_as_lambda_calls_it(machine, architecture):
    assert machine_architecture(machine) == architecture


def test_a_machine_that_lambda_has_not_is_a_problem():
    with pytest.raises(Problem, match="riscv64"):
        machine_architecture("riscv64")

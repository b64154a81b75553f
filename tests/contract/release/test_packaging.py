"""What Chalice packs: all that the functions need, and no more."""

import json
import re
import shutil
import struct
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from hashlib import sha256
from importlib.metadata import distribution
from pathlib import Path
from tempfile import TemporaryDirectory
from zipfile import ZipFile

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from consumers import NAMES
from consumers.registry import consumers
from infrastructure.functions import functions
from infrastructure.render import ROOT
from infrastructure.stages import DEV, LOCAL
from orderwire.console.problem import Problem
from orderwire.machine.engine.admin import create_admin
from orderwire.release.packaging.layer import require_complete
from orderwire.release.packaging.package import ARCHITECTURES, chalice, machine_architecture, package
from orderwire.workplace.home import Home
from tests.support.checkout_api.lambda_events import api_event, authorizer_event, received_event, scheduled_event
from tests.support.checkout_api.tokens import logged_in
from tests.support.edges import NOON
from tests.support.embedded import embedded_aws
from tests.support.events import created, entry, event, notification

pytestmark = pytest.mark.xdist_group("packaging")

PYTHON = f"python{sys.version_info.major}.{sys.version_info.minor}"
SITE_PACKAGES = f"python/lib/{PYTHON}/site-packages"
ELF_MACHINES = {62: "x86_64", 183: "arm64"}
LARGEST_UPLOAD, LARGEST_UNPACKED = 50 * 1024**2, 250 * 1024**2
"""Bytes that Lambda takes as a zip file in a request, and as functions and layers once unpacked."""
RUNNER = ROOT / "tests/support/release/run_packed.py"
OURS = {"checkout_api", "consumers", "edges", "schemas", "tables"}


@dataclass(frozen=True)
class Packed:
    """A package that was unpacked: `path` is what Lambda would import from, `functions` are SAM's resources."""

    architecture: str
    layer: Path
    code: Path
    zips: tuple[Path, Path]
    functions: dict

    @property
    def path(self):
        return [str(self.code), str(self.layer / SITE_PACKAGES)]

    def files(self):
        """Path below the folder of packages -> file."""
        packages = self.layer / SITE_PACKAGES
        return {str(path.relative_to(packages)): path for path in packages.rglob("*") if path.is_file()}


def unpacked(out, architecture):
    zips = out / "layer-deployment.zip", out / "deployment.zip"
    for zip_, name in zip(zips, ("layer", "code"), strict=True):
        with ZipFile(zip_) as file:
            file.extractall(out / name)
    resources = json.loads((out / "sam.json").read_text())["Resources"]
    found = {key: each["Properties"] for key, each in resources.items() if each["Type"] == "AWS::Serverless::Function"}
    return Packed(architecture, out / "layer", out / "code", zips, found)


@pytest.fixture(scope="module")
def local():
    """Stage local, in this machine's architecture, packed from a clean copy."""
    with TemporaryDirectory(prefix="orderwire-") as folder:
        package(LOCAL, Path(folder))
        yield unpacked(Path(folder), machine_architecture())


@pytest.fixture(scope="module")
def dev():
    """Stage dev, packed by nothing but `chalice package` in a checkout with its links."""
    with TemporaryDirectory(prefix="orderwire-") as folder:
        root, out = Path(folder) / "checkout", Path(folder) / "out"
        for name in (*OURS, "vendor"):
            shutil.copytree(ROOT / name, root / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        shutil.copytree(ROOT / ".chalice", root / ".chalice", ignore=shutil.ignore_patterns("deploy*"))
        for name in ("app.py", "requirements.txt"):
            shutil.copyfile(ROOT / name, root / name)
        chalice(root, ["package", "--stage", "dev", str(out)])
        yield unpacked(out, DEV.architecture)


@pytest.fixture(scope="module", params=["local", "dev"])
def packed(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def aws(tmp_path_factory):
    with embedded_aws(tmp_path_factory.mktemp("aws"), LOCAL) as embedded:
        yield embedded


def run(packed, handler, events, environment):
    """(what the function answered to each event, name -> file of what its cold start imported)."""
    task = {"path": packed.path, "handler": handler, "events": events, "environment": environment}
    done = subprocess.run(
        [sys.executable, "-I", "-S", RUNNER], input=json.dumps(task), capture_output=True, text=True, cwd="/"
    )
    assert done.returncode == 0, done.stderr
    result = json.loads(done.stdout.splitlines()[-1])
    return result["answers"], result["modules"]


def received(aws, row, event_):
    """A Lambda event with the event's message, received from the consumer's queue."""
    sqs, queue = aws.client("sqs"), aws.edges.settings.name(row.name)
    url = sqs.get_queue_url(QueueName=queue)["QueueUrl"]
    sqs.send_message(QueueUrl=url, MessageBody=notification(event_) if row.topic else json.dumps(entry(event_)))
    return received_event(sqs.receive_message(QueueUrl=url, AttributeNames=["All"])["Messages"][0])


def count(aws, name, attribute):
    url = aws.client("sqs").get_queue_url(QueueName=aws.edges.settings.name(name))["QueueUrl"]
    answer = aws.client("sqs").get_queue_attributes(QueueUrl=url, AttributeNames=[attribute])
    return int(answer["Attributes"][attribute])


def wheels_needed():
    """Names of the distributions that the functions ask for, and of what those ask for."""
    groups = tomllib.loads((ROOT / "pyproject.toml").read_text())["dependency-groups"]
    waiting = [Requirement(name) for name in groups["functions"]]
    names = set()
    while waiting:
        requirement = waiting.pop()
        name = canonicalize_name(requirement.name)
        if name not in names:
            names.add(name)
            needs = map(Requirement, distribution(name).requires or [])
            waiting += [need for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]
    return names


SMALL_APP = """
from chalice import Chalice
app = Chalice("small")
@app.lambda_function()
def function(event, context): ...
"""


def lock_with_this_machines_wheel_only(lock, name, need, scratch):
    """A lock of nothing but `name`, with one hash, that of the wheel which pip takes here, and what it needs."""
    [entry, needed] = [re.findall(rf"(?m)^{each}==\S+(?: \\\n +--hash=\S+)+", lock)[0] for each in (name, need)]
    (scratch / "one.txt").write_text(entry)
    pip = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--require-hashes", "-r", scratch / "one.txt"]
    subprocess.run([*pip, "--dest", scratch / "wheel"], check=True, capture_output=True)
    [wheel] = (scratch / "wheel").iterdir()
    digest = sha256(wheel.read_bytes()).hexdigest()
    assert digest in entry
    return f"{entry.split()[0]} \\\n    --hash=sha256:{digest}\n{needed}\n"


def test_a_wheel_for_another_machine_that_is_not_in_the_lock_is_not_packed(tmp_path):
    """Chalice fetches wheels of other architectures one by one, not from requirements.txt."""
    root, lock = tmp_path / "checkout", (ROOT / "requirements.txt").read_text()
    (root / ".chalice").mkdir(parents=True)
    wheels = lock_with_this_machines_wheel_only(lock, "pydantic-core", "typing-extensions", tmp_path)
    (root / "requirements.txt").write_text(wheels)
    (root / "app.py").write_text(SMALL_APP)
    [other] = set(ARCHITECTURES.values()) - {machine_architecture()}
    config = {"version": "2.0", "app_name": "small", "automatic_layer": True, "lambda_architecture": other}
    (root / ".chalice/config.json").write_text(json.dumps({**config, "stages": {"dev": {}}}))
    chalice(root, ["package", "--stage", "dev", str(tmp_path / "out")])
    with pytest.raises(
        Problem, match=r"could not pack pydantic-core \S+: not to be had for Lambda, or not with a hash"
    ):
        require_complete(tmp_path / "out/layer-deployment.zip", root / "requirements.txt")


def test_every_declared_function_is_packed_and_no_other(packed):
    handlers = {each["Handler"] for each in packed.functions.values()}
    consumers = {f"consumers.{name}.on_records" for name in NAMES}
    beside = ("authorizer.admin_authorizer", "redrive.redrive", "sweep.sweep")
    others = {"app.app", *(f"checkout_api.{name}" for name in beside)}
    assert handlers == consumers | others
    assert len(handlers) == len(list(functions()))
    assert {tuple(each["Architectures"]) for each in packed.functions.values()} == {(packed.architecture,)}


def test_a_functions_zip_holds_the_entry_and_chalices_runtime_only(packed):
    with ZipFile(packed.zips[1]) as file:
        assert set(file.namelist()) == {"app.py", "chalice/app.py", "chalice/__init__.py"}


def test_the_layer_holds_what_is_required_and_nothing_else(packed):
    names = {name.split("/")[0] for name in packed.files()}
    wheels = {canonicalize_name(name.split("-")[0]) for name in names if name.endswith(".dist-info")}
    assert wheels == wheels_needed()
    assert names >= OURS
    assert not names & {
        "tests",
        "orderwire",
        "infrastructure",
        "docs",
        "samples",
        "chalice",
        "pip",
        "setuptools",
        "bin",
    }


def test_our_packages_are_packed_without_caches_or_leftovers(packed):
    ours = {name for name in packed.files() if name.split("/")[0] in OURS}
    sources = {
        str(path.relative_to(ROOT))
        for package_ in OURS
        for path in (ROOT / package_).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    assert ours == sources


def test_the_package_stays_within_lambdas_limits(packed):
    assert packed.zips[0].stat().st_size < LARGEST_UPLOAD
    assert sum(path.stat().st_size for path in packed.files().values()) < LARGEST_UNPACKED


def test_what_is_compiled_is_for_the_stages_architecture(packed):
    machines = {}
    for name, path in packed.files().items():
        with path.open("rb") as file:
            head = file.read(20)
        if head.startswith(b"\x7fELF"):
            machines[name] = ELF_MACHINES[struct.unpack("<H", head[18:20])[0]]
    assert {name.split("/")[0] for name in machines} >= {"pydantic_core", "cryptography"}
    assert set(machines.values()) == {packed.architecture}
    suffixed = [name for name in packed.files() if name.endswith(".so")]
    assert set(suffixed) == set(machines)


@pytest.mark.parametrize(("name", "row"), list(zip(NAMES, consumers(), strict=True)), ids=NAMES)
def test_a_packed_consumer_handles_an_order_with_nothing_but_what_is_packed(name, row, local, aws):
    placed = event(created(f"ord_{name}"), NOON)
    answers, modules = run(local, f"consumers.{name}.on_records", [received(aws, row, placed)], aws.environment)
    assert answers == [None]
    others = {f"consumers.{other}" for other in NAMES} - {f"consumers.{name}"}
    assert not set(modules) & (others | {"app", "chalice", "stripe"})
    folders = (*local.path, sys.base_prefix)
    assert [file for file in modules.values() if file and not file.startswith((*folders, str(RUNNER)))] == []
    assert count(aws, row.name, "ApproximateNumberOfMessagesNotVisible") == 1  # Lambda deletes it now
    assert count(aws, row.dead_letters, "ApproximateNumberOfMessages") == 0


SCRIPT = {"version": "x", "folder": "shop", "name": "shop.js"}


def test_the_packed_api_answers(local, aws):
    order = {"customer_id": "c-1", "customer_email": "a@example.com", "payment_token": "tok_ok"}
    events = [
        api_event("GET", "/health"),
        api_event("GET", "/catalog"),
        api_event("POST", "/orders", {**order, "items": [{"sku": "nothing", "quantity": 1}]}),
        api_event("GET", "/"),
        api_event("GET", "/assets/{version}/{folder}/{name}", parameters=SCRIPT),
    ]
    (health, catalog, refused, page, script), _ = run(local, "app.app", events, aws.environment)
    assert health["statusCode"] == 200
    assert (catalog["statusCode"], json.loads(catalog["body"])) == (200, [])
    assert refused["statusCode"] == 422
    assert json.loads(refused["body"])["errors"][0]["pointer"] == "/items/0/sku"
    assert page["statusCode"] == script["statusCode"] == 200
    assert page["body"].startswith("<!doctype html>")


def test_the_packed_authorizer_lets_an_admin_in_and_nobody_else(local, aws, tmp_path):
    home = Home(tmp_path / "home")
    home.path.mkdir()
    create_admin(aws.edges, home)
    login, pool = home.admin(), json.loads(aws.edges.parameter("cognito"))
    cognito = aws.edges.clients.cognito
    token = logged_in(cognito, pool["pool_id"], pool["client_id"], login.username, login.password)["AccessToken"]
    events = [authorizer_event(f"Bearer {token}"), authorizer_event(f"Bearer {token[:-9]}")]
    answers, modules = run(local, "checkout_api.authorizer.admin_authorizer", events, aws.environment)
    assert [each["policyDocument"]["Statement"][0]["Effect"] for each in answers] == ["Allow", "Deny"]
    assert "app" not in modules


def test_the_packed_sweep_finds_nothing_to_do(local, aws):
    answers, modules = run(local, "checkout_api.sweep.sweep", [scheduled_event()], aws.environment)
    assert len(answers) == 1
    assert "app" not in modules

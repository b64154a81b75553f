"""The OpenAPI document against the running API: schemathesis asks for what it promises, and for what it rules out."""

import csv
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from orderwire.machine.local import CATALOG
from tests.support.embedded import eventually

CONFIG = Path(__file__).with_name("schemathesis.toml")
SCHEMATHESIS = Path(sys.executable).with_name("schemathesis")
ORDERS = 12


@pytest.fixture(scope="module")
def folder(system, tmp_path_factory):
    """The configuration, with the dictionaries that it names: orders that are confirmed, products that there are."""
    folder = tmp_path_factory.mktemp("schemathesis")
    shutil.copy(CONFIG, folder)
    with CATALOG.open(newline="") as file:
        skus = [row["sku"] for row in csv.DictReader(file)]
    order = {"customer_id": "cust-1", "customer_email": "ada@example.com", "payment_token": "tok_ok"}
    placed = [system.api.place({**order, "items": [{"sku": sku, "quantity": 1}]}) for sku in skus[:ORDERS]]
    orders = [answer.require_ok()["order_id"] for answer in placed]
    assert eventually(lambda: {system.api.order(each).body["status"] for each in orders} == {"confirmed"})
    for name, values in {"orders": orders, "skus": skus}.items():
        (folder / f"{name}.dict").write_text("".join(f'"{value}"\n' for value in values))
    return folder


def schemathesis(system, folder, document, *options):
    """The exit code and the output of a run."""
    command = [SCHEMATHESIS, "--config-file", CONFIG.name, "run", document, "--seed", "1", "--checks", "all", *options]
    environment = {**os.environ, "ORDERWIRE_TOKEN": system.token}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


def test_the_api_answers_as_its_document_says_and_nothing_breaks_it(system, folder):
    code, output = schemathesis(system, folder, f"{system.api.url}/openapi.json")
    assert code == 0, output


def test_an_answer_outside_the_document_would_be_found(system, folder):
    document = system.api.request("GET", "/openapi.json").body
    document["components"]["schemas"]["Product"]["properties"]["price"] = {"type": "string"}
    (folder / "openapi.json").write_text(json.dumps(document))
    only = ("--url", system.api.url, "--include-path", "/catalog")
    code, output = schemathesis(system, folder, "openapi.json", *only)
    assert (code, "violates schema" in output) == (1, True), output

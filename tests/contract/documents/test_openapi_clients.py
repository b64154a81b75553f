"""The OpenAPI document in tools of others: a linter, and generators whose clients then place an order."""

import json
import os
import shutil
import subprocess
import sys

import pytest

from checkout_api.generate import HOME
from tests.support.checkout_api.served import served_api
from tests.support.tools import CONTRACT_TOOLS, npm_packages

WHY = "Redocly's linter and openapi-typescript come with it"

TOLD = {"prices": [29.99, 500.0, 0.1], "total": 69.98, "shown": [2], "refused": "Total changed"}
"""The catalog, the order, and one for which somebody expects to pay less; each as the client has it."""

PYTHON_CLIENT = """
import json
import sys

from shop_client import Client
from shop_client.api.catalog import get_catalog
from shop_client.api.orders import get_orders_order_id, post_orders
from shop_client.models import ItemAsked, OrderAsked

client = Client(base_url=sys.argv[1], raise_on_unexpected_status=True)
asked = OrderAsked(
    customer_id="cust-1",
    customer_email="ada@example.com",
    payment_token="tok_ok",
    items=[ItemAsked(sku="book-1", quantity=2)],
)
products = get_catalog.sync(client=client)
accepted = post_orders.sync(client=client, body=asked, idempotency_key="a-key-of-the-client")
shown = get_orders_order_id.sync(accepted.order_id, client=client)
asked.expected_total = 1.0
dear = post_orders.sync(client=client, body=asked)
print(json.dumps({
    "prices": [each.price for each in products],
    "total": accepted.total,
    "shown": [each.quantity for each in shown.items],
    "refused": dear.title,
}))
"""


def output_of(*command, cwd, text="", **environment):
    done = subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        input=text,
        env={**os.environ, **environment},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.xdist_group("npm")
def test_redoclys_linter_finds_nothing_by_its_recommended_rules():
    npm_packages(CONTRACT_TOOLS, WHY)
    assert json.loads(output_of("node", "redocly.js", cwd=CONTRACT_TOOLS, text=HOME.read_text())) == []


@pytest.mark.xdist_group("npm")
def test_redoclys_linter_would_find_what_is_wrong():
    npm_packages(CONTRACT_TOOLS, WHY)
    document = json.loads(HOME.read_text())
    del document["paths"]["/catalog"]["get"]["security"]
    found = json.loads(output_of("node", "redocly.js", cwd=CONTRACT_TOOLS, text=json.dumps(document)))
    assert [(severity, rule) for severity, rule, *_ in found] == [("error", "security-defined")]


@pytest.mark.xdist_group("npm")
def test_a_typescript_client_of_openapi_typescripts_types_places_an_order(tmp_path):
    modules = npm_packages(CONTRACT_TOOLS, WHY)
    (tmp_path / "node_modules").symlink_to(modules)
    for name in ("client.ts", "tsconfig.json", "package.json"):
        shutil.copy(CONTRACT_TOOLS / name, tmp_path)
    output_of(modules / ".bin/openapi-typescript", HOME, "--output", "api.d.ts", cwd=tmp_path)
    types = (tmp_path / "api.d.ts").read_text()
    assert "expected_total?: number | null;" in types
    output_of(modules / ".bin/tsc", "--project", ".", cwd=tmp_path)
    with served_api() as served:
        told = output_of("node", "client.js", f"http://127.0.0.1:{served.port}", cwd=tmp_path)
    assert json.loads(told) == TOLD


def test_a_client_of_openapi_python_client_places_an_order(tmp_path):
    config = tmp_path / "config.yaml"
    config.write_text("post_hooks: []\n")
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    output_of(*generate, "--path", HOME, "--config", config, "--output-path", tmp_path / "shop_client", cwd=tmp_path)
    with served_api() as served:
        command = [sys.executable, "-c", PYTHON_CLIENT, f"http://127.0.0.1:{served.port}"]
        told = output_of(*command, cwd=tmp_path, PYTHONPATH=str(tmp_path))
    assert json.loads(told) == TOLD


def test_an_operation_that_the_generator_leaves_out_would_be_found(tmp_path):
    """By itself it warns, and goes on."""
    generate = [sys.executable, "-m", "openapi_python_client", "generate", "--fail-on-warning", "--meta", "none"]
    document = json.loads(HOME.read_text())
    document["paths"]["/orders"]["post"]["parameters"][1]["schema"] = {"const": "true", "type": "string"}
    (tmp_path / "openapi.json").write_text(json.dumps(document))
    command = [*generate, "--path", tmp_path / "openapi.json", "--output-path", tmp_path / "shop_client"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=tmp_path)
    assert (done.returncode, "POST /orders" in done.stdout + done.stderr) == (1, True)

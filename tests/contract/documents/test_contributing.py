"""The examples of CONTRIBUTING.md are what they say: a consumer, and a table with its rows."""

import re

from consumers.declaration import Consumer
from consumers.runner.entry import LambdaEntry
from infrastructure.render import ROOT
from tables.declaration import Table
from tables.rows import Row

CONSUMER, TABLE = re.findall(r"```python\n(.*?)```", (ROOT / "CONTRIBUTING.md").read_text(), re.DOTALL)


def executed(source, name):
    module: dict[str, object] = {"__name__": name}
    exec(source, module)
    return module


def test_its_consumer_is_one():
    module = executed(CONSUMER, "consumers.greetings")
    assert isinstance(module["CONSUMER"], Consumer)
    assert isinstance(module["on_records"], LambdaEntry)
    assert module["on_records"].build(None)(None) == ()


def test_its_table_is_one():
    module = executed(TABLE, "tables.greetings")
    assert isinstance(module["TABLE"], Table)
    row = module["GreetingRow"](order_id="ord_1")
    assert isinstance(row, Row)
    assert module["GreetingRow"].from_item(row.to_item()) == row
    assert module["Greetings"].TABLE is module["TABLE"]

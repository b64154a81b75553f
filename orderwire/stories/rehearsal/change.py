"""The change that the second release brings: the order log's consumer says in each message that it is the new one."""

from collections import Counter
from collections.abc import Collection, Iterable
from pathlib import Path

from orderwire.stories.check import Check, check
from tables.order_log import LogRow

MODULE = "consumers/order_log.py"
MARK = " (written down by the changed consumer)"

CODE = f'''

_log_row = log_row


def log_row(event: AnyEvent, posting: Posting) -> LogRow:
    """As before; the message says who wrote it down."""
    row = _log_row(event, posting)
    return row.with_(message=row.message + {MARK!r})
'''


def change_consumer(checkout: Path) -> None:
    module = checkout / MODULE
    module.write_text(module.read_text() + CODE)


def new_code_runs(
    rows: Iterable[LogRow], before: Collection[str], during: Collection[str], after: Collection[str]
) -> Check:
    """`rows` is the whole order log. Orders placed `before` the update must be logged by the old consumer, those
    `after` it by the new one, those `during` it by either, and each of them once."""
    told: Counter[str] = Counter()
    new = set()
    for row in rows:
        told[row.order_id] += 1
        if row.message.endswith(MARK):
            new.add(row.order_id)
    wrong = [f"{order} is told of {told[order]} times" for order in (*before, *during, *after) if told[order] != 1]
    wrong += [f"{order} was placed before the update, and is the new consumer's" for order in before if order in new]
    wrong += [f"{order} was placed after the update, and is the old consumer's" for order in after if order not in new]
    return check("the changed consumer runs", f"{len(new)} of {told.total()} messages are its own", wrong)

"""The saga as a picture: which event leads to which, and through whom. Tests check it against the declarations."""

from collections.abc import Mapping
from dataclasses import dataclass

import schemas.events  # noqa: F401  (fills the registry)
from schemas.envelope import REGISTRY

ADMIN = "an admin"


@dataclass(frozen=True)
class SagaStep:
    """`by` answers `cause` with `effect`; an admin may, a consumer does."""

    cause: str
    by: str
    effect: str


STEPS = (
    SagaStep("order.created", "inventory", "inventory.reserved"),
    SagaStep("order.created", "inventory", "inventory.low_stock"),
    SagaStep("order.created", "inventory", "inventory.rejected"),
    SagaStep("order.created", "payment", "payment.failed"),
    SagaStep("order.created", ADMIN, "order.cancelled"),
    SagaStep("inventory.reserved", "payment", "payment.completed"),
    SagaStep("inventory.rejected", "payment", "payment.voided"),
    SagaStep("payment.failed", "inventory", "inventory.released"),
    SagaStep("payment.completed", ADMIN, "order.processed"),
    SagaStep("order.processed", ADMIN, "order.shipped"),
    SagaStep("order.shipped", ADMIN, "order.refunded"),
    SagaStep("order.refunded", "payment", "payment.refunded"),
    SagaStep("order.cancelled", "payment", "payment.voided"),
    SagaStep("order.cancelled", "inventory", "inventory.released"),
    SagaStep("order.cancelled", "payment", "payment.refunded"),
)

PLACES = {
    "order.created": (0, 1),
    "inventory.reserved": (1, 0),
    "inventory.low_stock": (1, 1),
    "inventory.rejected": (1, 2),
    "payment.failed": (1, 3),
    "order.cancelled": (1, 4),
    "payment.completed": (2, 0),
    "payment.voided": (2, 2),
    "inventory.released": (2, 3),
    "order.processed": (3, 0),
    "order.shipped": (4, 0),
    "order.refunded": (4, 2),
    "payment.refunded": (4, 4),
}
"""Event -> (column, row). One that has no place here stands in a row of its own below the others."""

WIDTH, HEIGHT, ACROSS, DOWN, MARGIN = 184, 40, 244, 76, 12
"""Of a box, from one box to the next, and around all; in the picture's own units."""

PADDING, WIDEST_LETTER = 7, 0.62
"""Beside a name in its box; and a letter's width, as part of its size, in the widest fonts that a reader may have."""


@dataclass(frozen=True)
class Box:
    event: str
    left: int
    top: int

    @property
    def middle(self) -> tuple[float, float]:
        return self.left + WIDTH / 2, self.top + HEIGHT / 2


@dataclass(frozen=True)
class Arrow:
    step: SagaStep
    path: str


def places() -> Mapping[str, tuple[int, int]]:
    """Event -> (column, row), for every event that there is."""
    others = [event for event in dict.fromkeys(detail_type for detail_type, _ in REGISTRY) if event not in PLACES]
    columns = 1 + max(column for column, _ in PLACES.values())
    below = 1 + max(row for _, row in PLACES.values())
    return PLACES | {event: (each % columns, below + each // columns) for each, event in enumerate(others)}


def boxes() -> list[Box]:
    return [Box(event, MARGIN + column * ACROSS, MARGIN + row * DOWN) for event, (column, row) in places().items()]


def arrows() -> list[Arrow]:
    found = {box.event: box for box in boxes()}
    return [Arrow(step, path(found[step.cause], found[step.effect])) for step in STEPS]


def size() -> tuple[int, int]:
    """Width and height of the picture."""
    columns, rows = zip(*places().values(), strict=True)
    return max(columns) * ACROSS + WIDTH + 2 * MARGIN, max(rows) * DOWN + HEIGHT + 2 * MARGIN


def letters() -> float:
    """The size of the names: the longest has room in its box whatever the reader's font."""
    return round((WIDTH - 2 * PADDING) / (max(map(len, PLACES)) * WIDEST_LETTER), 1)


def path(cause: Box, effect: Box) -> str:
    """A curve from side to side, or straight down within a column."""
    if cause.left == effect.left:
        x = cause.middle[0]
        return f"M{x},{cause.top + HEIGHT} L{x},{effect.top - 6}"
    start, end = cause.left + WIDTH, effect.left - 6
    bend = min((end - start) / 2, 50)
    (_, y), (_, to) = cause.middle, effect.middle
    return f"M{start},{y} C{start + bend},{y} {end - bend},{to} {end},{to}"

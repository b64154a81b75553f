"""Reads `samples/catalog.csv` and `samples/orders.jsonl`; an error names the file, the line and the field.

A line of orders.jsonl is one shopper: a POST /orders, the steps that follow its 202, and the end that it must come to.
Lines may be placed in any order. Those of one `group` want the same last copies, and which of them get some is open.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar, get_args

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, model_validator

from checkout_api.http.fields import NameAsked, SkuAsked
from checkout_api.http.requests import ProductAsked
from orderwire.console.problem import Problem
from schemas.parse import NameTwice, load_json, pointed
from schemas.types import Count

Final = Literal["confirmed", "processed", "shipped", "cancelled", "rejected", "payment_failed", "refunded"]
Action = Literal["await", "cancel", "process", "ship", "refund", "resubmit", "reuse-key"]

_STEP = re.compile(rf"(?:await ({'|'.join(get_args(Final))})|({'|'.join(get_args(Action)[1:])})(?: (4[0-9]{{2}}))?)")
_NUMBER = re.compile(r"[0-9]+(?:\.[0-9]+)?")
_NUMERIC = {"price", "stock", "threshold"}
_COLUMNS = ("sku", "name", "author", "price", "stock", "threshold", "image", "description")
_MORE = ("category",)
"""Columns that a catalog of before does not have: of a product that is there already, such a file leaves them alone."""
MOST_TOLD = 20
"""Faults of a file that are told at once."""


class SampleError(Problem, ValueError):
    """A sample file that cannot be used; the text says where and why."""


class SampleLine(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


L = TypeVar("L", bound=SampleLine)


class SampleProduct(ProductAsked):
    """A line of the catalog, in which nothing stands that `PUT /catalog/{sku}` would refuse. `stock` is on hand at
    first; below `threshold` a product is low on stock."""

    sku: SkuAsked
    author: NameAsked
    stock: Count
    threshold: Count


class SampleStep(SampleLine):
    """`await` waits for `status`. The others are requests, which must succeed, or be refused with the code `refused`.

    `resubmit` repeats the POST and must be answered with the same order_id; `reuse-key` sends the line's
    `other_order` under the same key; the rest are the admin's routes of those names (cancel is DELETE).
    """

    action: Action
    status: Final | None = None
    refused: int | None = None


class Group(SampleLine):
    """Exactly `winners` of the lines with this group's name end as they `expect`, the others as `otherwise`."""

    name: str
    winners: Annotated[int, Field(ge=1)]
    otherwise: Final


def _step(text: Any) -> Any:
    """`await confirmed`, `cancel`, `ship 409` as the fields of a Step."""
    if not isinstance(text, str):
        return text
    found = _STEP.fullmatch(text)
    if not found:
        raise ValueError(f"must be 'await <status>' or one of {', '.join(get_args(Action)[1:])}, a 4xx code after it")
    status, action, code = found.groups()
    return SampleStep(action=action or "await", status=status, refused=int(code) if code else None)


class SampleOrder(SampleLine):
    """`order` is the body of POST /orders, wrong ones included; `key` goes with it as Idempotency-Key.

    `expect` is the order's last status, or `http <code>` for a POST that must be refused.
    """

    note: Annotated[str, Field(min_length=1)]
    key: Annotated[str, Field(pattern="^[A-Za-z0-9_-]{1,64}$")]
    order: dict[str, Any]
    expect: Annotated[str, Field(pattern=rf"^(?:{'|'.join(get_args(Final))}|http 4[0-9]{{2}})$")]
    steps: tuple[Annotated[SampleStep, BeforeValidator(_step)], ...] = ()
    other_order: dict[str, Any] | None = None
    group: Group | None = None

    @property
    def refused(self) -> int | None:
        """The HTTP code with which the POST must be refused, or None if it must be accepted."""
        return int(self.expect.removeprefix("http ")) if self.expect.startswith("http ") else None

    @model_validator(mode="after")
    def _is_possible(self) -> "SampleOrder":
        if self.refused and (self.steps or self.group):
            raise ValueError("a refused order has no steps and no group")
        if any(step.action == "reuse-key" for step in self.steps) != (self.other_order is not None):
            raise ValueError("other_order goes with a step 'reuse-key'")
        return self


Faults = Iterable[tuple[str, str]]
"""(JSON pointer, what is wrong)."""


def load_catalog(path: Path, refused: Callable[[SampleProduct], Faults] = lambda _: ()) -> list[SampleProduct]:
    """The products of a catalog in CSV (UTF-8, with or without BOM) with a header line. `refused` says what else is
    wrong with a product. Raises SampleError that names every line and product with a fault, or the first twenty."""
    products: dict[str, tuple[int, SampleProduct]] = {}
    faults: list[str] = []
    for line, columns, values in _rows(path):
        try:
            product = _product(columns, values)
            before = products.setdefault(product.sku, (line, product))[0]
            wrong = [*refused(product), *([("", f"is in line {before} already")] if before != line else [])]
        except ValidationError as error:
            wrong = pointed(error)
        except ValueError as error:
            wrong = [("", str(error))]
        if wrong:
            faults.append(f"{path}:{line}: {' '.join(values[0].split())}: {'; '.join(map(_told, wrong))}")
    if faults:
        more = [f"and {len(faults) - MOST_TOLD} lines more"] if len(faults) > MOST_TOLD else []
        raise SampleError("\n".join([*faults[:MOST_TOLD], *more]))
    return [product for _, product in products.values()]


def _told(fault: tuple[str, str]) -> str:
    pointer, message = fault
    return f"{pointer}: {message}" if pointer else message


def _rows(path: Path) -> Iterator[tuple[int, Sequence[str], list[str]]]:
    """Every record below the header, with the number of its first line and the columns."""
    reader, line = csv.reader(_utf8(path).splitlines(keepends=True), strict=True), 1
    columns: Sequence[str] = _COLUMNS
    try:
        for values in reader:
            if line == 1:
                columns = _header(path, values)
            elif values:
                yield line, columns, values
            line = reader.line_num + 1
    except csv.Error as error:
        raise SampleError(f"{path}:{line}: is not CSV: {error}") from None
    if line == 1:
        _header(path, [])


def _header(path: Path, values: Sequence[str]) -> Sequence[str]:
    """The columns of a catalog. Raises SampleError."""
    if tuple(values) not in (_COLUMNS, (*_COLUMNS, *_MORE)):
        raise SampleError(f"{path}:1: the columns must be {','.join(_COLUMNS)}, and may have {','.join(_MORE)} besides")
    return values


def _utf8(path: Path) -> str:
    content = path.read_bytes()
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        raise SampleError(f"{path}:{line}: is not in UTF-8: {error}") from None


def _product(columns: Sequence[str], values: Sequence[str]) -> SampleProduct:
    """Raises ValueError."""
    if len(values) != len(columns):
        raise ValueError(f"has {len(values)} values for {len(columns)} columns")
    row = dict(zip(columns, values, strict=True))
    numbers = {key: Decimal(text) for key, text in row.items() if key in _NUMERIC and _NUMBER.fullmatch(text)}
    return SampleProduct.model_validate({**row, **numbers})


def load_orders(path: Path) -> list[SampleOrder]:
    """The orders of a file with one JSON object a line. Raises SampleError."""
    orders = [_line(SampleOrder, path, line, document) for line, document in _documents(path)]
    _unique(path, "customer_id and key", (f"{each.order.get('customer_id')} {each.key}" for each in orders))
    _check_groups(path, orders)
    return orders


def _documents(path: Path) -> Iterator[tuple[int, Any]]:
    with path.open("rb") as file:
        for number, text in enumerate(file, start=1):
            try:
                yield number, load_json(text, strangers=True)
            except NameTwice as error:
                raise SampleError(f"{path}:{number}: {error}: {error.name!r}") from None
            except ValueError as error:
                raise SampleError(f"{path}:{number}: is not JSON: {error}") from None


def _line(model: type[L], path: Path, line: int, document: Any) -> L:
    try:
        return model.model_validate(document)
    except ValidationError as error:
        places = "; ".join(f"{pointer or '/'}: {message}" for pointer, message in pointed(error))
        raise SampleError(f"{path}:{line}: {places}") from None


def _unique(path: Path, what: str, values: Iterable[str]) -> None:
    seen: set[str] = set()
    for value in values:
        if value in seen:
            raise SampleError(f"{path}: {what} {value} is there twice")
        seen.add(value)


def _check_groups(path: Path, orders: Iterable[SampleOrder]) -> None:
    groups: dict[str, list[SampleOrder]] = defaultdict(list)
    for order in orders:
        if order.group:
            groups[order.group.name].append(order)
    for name, members in groups.items():
        if len({(order.group, order.expect) for order in members}) > 1:
            raise SampleError(f"{path}: the lines of group {name} differ in what they expect")
        if members[0].group and members[0].group.winners >= len(members):
            raise SampleError(f"{path}: group {name} has no line that could lose")

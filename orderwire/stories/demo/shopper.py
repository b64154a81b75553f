"""Acts one line of samples/orders.jsonl over HTTP."""

from collections.abc import Callable
from dataclasses import dataclass

from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.workplace.api_client import ApiAnswer, ApiClient
from orderwire.workplace.samples import SampleOrder, SampleStep

STEP_SECONDS = 120
FIRST_PAUSE, GROWTH = 0.4, 1.5
"""Seconds until the second look at an order, and how much longer each next pause is: a look costs as much as a step of
the saga, so whoever waits long looks seldom."""


class Unexpected(Exception):
    """The API answered something else than the line says."""


@dataclass(frozen=True)
class Acted:
    """What came of a line so far. `order_id` is None if the order was not accepted; `unexpected` says what went wrong,
    or is None."""

    line: SampleOrder
    order_id: str | None = None
    refused: int | None = None
    unexpected: str | None = None


@dataclass(frozen=True)
class Shopper:
    """Places orders as `shop`, which is nobody in particular, and decides about them as `admin`."""

    shop: ApiClient
    admin: ApiClient

    def act(self, line: SampleOrder, tick: Callable[[], None]) -> Acted:
        """Places the order of a line and takes its steps; `tick` is called when that is done."""
        order_id: str | None = None
        try:
            answer = self.shop.place(line.order, line.key)
            order_id = answer.body["order_id"] if answer.ok else None
            require(answer, line.refused, "POST /orders")
            if order_id is None:
                return Acted(line, refused=answer.status)
            for step in line.steps:
                self._step(line, order_id, step)
        except (Unexpected, Problem) as error:
            return Acted(line, order_id, unexpected=str(error))
        finally:
            tick()
        return Acted(line, order_id)

    def _step(self, line: SampleOrder, order_id: str, step: SampleStep) -> None:
        match step.action:
            case "await":
                self._await(order_id, str(step.status))
            case "resubmit":
                again = self.shop.place(line.order, line.key)
                require(again, step.refused, "resubmit")
                require_same(again, order_id)
            case "reuse-key":
                require(self.shop.place(line.other_order or {}, line.key), step.refused, "reuse-key")
            case decision:
                require(self.admin.decide(order_id, decision), step.refused, decision)

    def _await(self, order_id: str, status: str) -> None:
        def reached() -> bool:
            return self.status(order_id) == status

        if not wait_until(reached, STEP_SECONDS, FIRST_PAUSE, GROWTH):
            raise Unexpected(f"is {self.status(order_id)}, not {status}, after {STEP_SECONDS} s")

    def status(self, order_id: str) -> str:
        return str(self.shop.order(order_id).require_ok()["status"])


def require(answer: ApiAnswer, refused: int | None, what: str) -> None:
    """Raises Unexpected unless the answer is a success, or the refusal that was expected."""
    if (answer.status != refused) if refused else not answer.ok:
        raise Unexpected(f"{what} was answered {answer.status}, not {refused or 'with success'}")


def require_same(answer: ApiAnswer, order_id: str) -> None:
    if answer.ok and answer.body["order_id"] != order_id:
        raise Unexpected("resubmit was answered with another order")

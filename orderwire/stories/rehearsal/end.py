"""The release is taken back, and the stage taken down."""

from collections.abc import Sequence

from orderwire.stories.check import Check, check
from orderwire.stories.demo.shop import Shop, act_all, settle, statuses
from orderwire.stories.rehearsal.change import MARK
from orderwire.stories.rehearsal.checkout import Checkout
from orderwire.stories.rehearsal.in_place import all_deployed, in_place, updated
from orderwire.stories.rehearsal.lines import FOLLOWERS, SHOPPERS, accepted, followers, one_of_each
from orderwire.stories.rehearsal.steps import Steps
from orderwire.workplace.samples import SampleOrder
from tables.order_log import LogRow, OrderLog

HOLDS_DATA = ("table", "queue", "bus")
"""What stays of a stage unless it is named; a bus for its archive."""


def taken_back(checkout: Checkout, shop: Shop, lines: Sequence[SampleOrder], steps: Steps) -> list[Check]:
    """Rolls the changed consumer back, and orders once more. Raises Problem."""
    newer, stage = in_place(checkout.account.client), shop.target.stage
    with steps.step("rolling back"):
        checkout.orderwire("rollback", stage.name, "--yes")
    older = in_place(checkout.account.client)
    with steps.step("ordering from what was there before"):
        plain = followers(lines, one_of_each(lines), 3 * FOLLOWERS)[2 * FOLLOWERS :]
        acted = act_all(shop, plain, steps.bars, SHOPPERS)
        settle(shop, acted)
    orders = accepted(acted)
    rows = {row.order_id: row for row in OrderLog(shop.target.edges).scan()}
    found = statuses(shop)
    wrong = [f"{order} is {found.get(order)}" for order in orders if found.get(order) != "confirmed"]
    wrong += [f"{order} is not the old consumer's" for order in orders if not is_old(rows.get(order))]
    return [
        all_deployed(older, stage, "rolled back"),
        updated(newer, older, "rolled back"),
        check("rolled back, the old consumer runs", f"{len(orders)} orders", wrong),
    ]


def is_old(row: LogRow | None) -> bool:
    return row is not None and not row.message.endswith(MARK)


def torn_down(checkout: Checkout, shop: Shop, steps: Steps) -> list[Check]:
    """Takes the stage down, first without its data, then with them. Raises Problem."""
    orders, stage = len(statuses(shop)), shop.target.stage.name
    with steps.step("tearing down"):
        checkout.orderwire("teardown", stage, "--yes")
    kept = [f"{what} is left" for what in remains(checkout, stage) if not what.startswith(HOLDS_DATA)]
    left = len(statuses(shop))
    kept += [] if left == orders else [f"{left} of {orders} orders are left"]
    with steps.step("tearing down with all data"):
        checkout.orderwire("teardown", stage, "--yes", "--delete-data", "all")
    return [
        check("torn down, only what holds data stays", f"{left} orders are kept", kept),
        check(
            "torn down with its data, nothing stays",
            "no function, role, API, rule, queue or table",
            [f"{what} is left" for what in remains(checkout, stage)],
        ),
    ]


def remains(checkout: Checkout, stage: str) -> list[str]:
    """What can run, be called, or hold data in the account."""
    client = checkout.account.client
    mappings = client("lambda").list_event_source_mappings()["EventSourceMappings"]
    roles = [each["RoleName"] for each in client("iam").list_roles()["Roles"]]
    return [
        *(f"function {each['FunctionName']}" for each in client("lambda").list_functions()["Functions"]),
        *(f"mapping {each['UUID']}" for each in mappings),
        *(f"role {each}" for each in roles if each.startswith(f"orderwire-{stage}")),
        *(f"API {each['id']}" for each in client("apigateway").get_rest_apis()["items"]),
        *(f"queue {each}" for each in client("sqs").list_queues(QueueNamePrefix="orderwire").get("QueueUrls", [])),
        *(f"bus {each['Name']}" for each in client("events").list_event_buses(NamePrefix="orders-")["EventBuses"]),
        *(f"table {each}" for each in client("dynamodb").list_tables()["TableNames"]),
    ]

"""A shop's day on one machine: orders over HTTP, and the commands of whoever looks after them."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from orderwire.console.problem import Problem
from orderwire.console.waiting import wait_until
from orderwire.machine.ports import free_port
from orderwire.workplace.api_client import ApiClient, ApiWaits
from orderwire.workplace.home import ROOT
from tables.payments import Payments
from tables.stock import Stock
from tests.support.events import created, entry, event
from tests.support.machine import ORDER, PATIENCE, copy_of_checkout, listens, machine

pytestmark = pytest.mark.xdist_group("machine")

SKU = ORDER["items"][0]["sku"]
KEY = "the-shoppers-key"


@pytest.fixture(scope="module")
def shop(tmp_path_factory):
    """Runs from a copy, so that somebody who edits the checkout meanwhile restarts nothing here."""
    folder = tmp_path_factory.mktemp("machine")
    with machine(folder / "home", copy_of_checkout(folder)) as made:
        made.start()
        yield made


def stock(shop, sku=SKU):
    return Stock(shop.target.edges).get(sku)


def test_nothing_listens_on_any_other_address_than_loopback(shop):
    for port in (shop.port, shop.engine_port):
        assert listens(port)
        assert not listens(port, other_address())


def other_address():
    """An address of this machine besides loopback's usual one; on Linux all of 127.0.0.0/8 is such."""
    if sys.platform == "linux":
        return "127.0.0.2"
    return socket.gethostbyname(socket.gethostname())


def test_an_order_is_there_at_once_and_settles_soon(shop):
    order_id = shop.place()
    assert shop.status(order_id) in {"placing", "pending", "confirmed"}
    assert shop.settles(order_id, "confirmed")
    order = shop.api.order(order_id).require_ok()
    assert (order["payment"]["status"], order["inventory"]["status"]) == ("completed", "reserved")
    happened = [each["type"] for each in shop.api.timeline(order_id).require_ok()]
    assert happened[0] == "order.created"
    assert set(happened) == {"order.created", "inventory.reserved", "payment.completed"}


def test_a_declined_card_leaves_the_stock_as_it_was(shop):
    before = stock(shop).on_hand
    order_id = shop.place(payment_token="tok_declined")
    assert shop.settles(order_id, "payment_failed")
    assert wait_until(lambda: stock(shop).on_hand == before, PATIENCE)


def test_an_order_for_more_copies_than_there_are_is_rejected_and_not_charged(shop):
    order_id = shop.place(items=[{"sku": SKU, "quantity": 999}])
    assert shop.settles(order_id, "rejected")
    assert wait_until(lambda: Payments(shop.target.edges).get(order_id).status in {"none", "voided"}, PATIENCE)


def test_an_order_goes_through_the_shops_hands_until_its_money_is_back(shop):
    order_id, admin = shop.place(), shop.admin
    assert shop.settles(order_id, "confirmed")
    for decision, status in (("process", "processed"), ("ship", "shipped"), ("refund", "refunded")):
        admin.decide(order_id, decision).require_ok()
        assert shop.status(order_id) == status
    assert admin.decide(order_id, "cancel").status == 409
    assert wait_until(lambda: Payments(shop.target.edges).get(order_id).status == "refunded", PATIENCE)


def test_a_cancelled_order_gives_its_copies_and_its_money_back(shop):
    order_id, admin = shop.place(), shop.admin
    assert shop.settles(order_id, "confirmed")
    before = stock(shop).on_hand
    admin.decide(order_id, "cancel").require_ok()
    assert shop.status(order_id) == "cancelled"
    assert wait_until(lambda: stock(shop).on_hand == before + 2, PATIENCE)
    assert wait_until(lambda: Payments(shop.target.edges).get(order_id).status == "refunded", PATIENCE)


def test_a_retry_is_the_same_order_and_another_order_under_its_key_is_refused(shop):
    first, again = shop.api.place(ORDER, KEY), shop.api.place(ORDER, KEY)
    assert first.body["order_id"] == again.body["order_id"]
    assert shop.api.place({**ORDER, "payment_token": "tok_slow"}, KEY).status == 422
    assert shop.settles(first.body["order_id"], "confirmed")


def test_a_paused_consumer_lets_its_messages_wait_until_it_is_resumed(shop):
    assert shop.json("pause", "payment") == {"consumer": "payment", "paused": True}
    order_id = shop.place()

    def depth():
        return next(each for each in shop.json("queues") if each["consumer"] == "payment")

    assert wait_until(lambda: depth()["waiting"] == 2, PATIENCE)  # it was created, and its items are reserved
    assert depth()["paused"]
    assert depth()["oldest_seconds"] is not None

    def shown():
        return next(each for each in shop.admin.request("GET", "/queues").require_ok() if each["name"] == "payment")

    assert wait_until(lambda: shown()["oldest_seconds"], PATIENCE)  # the admin page reads it off CloudWatch
    assert shop.status(order_id) == "pending"
    shop.json("resume", "payment")
    assert shop.settles(order_id, "confirmed")
    assert not depth()["paused"]


def send(shop, queue, body):
    edges = shop.target.edges
    url = edges.clients.sqs.get_queue_url(QueueName=edges.settings.name(queue))["QueueUrl"]
    edges.clients.sqs.send_message(QueueUrl=url, MessageBody=body)


def test_a_message_that_is_no_event_waits_in_the_dead_letter_queue_with_its_reason(shop):
    poisoned = entry(event(created("ord_poisoned")))
    del poisoned["detail"]["data"]["total"]
    send(shop, "inventory", json.dumps(poisoned))

    def dead():
        return next(each for each in shop.json("dlq", "list") if each["consumer"] == "inventory")["dead_letters"]

    assert wait_until(lambda: dead() == 1, PATIENCE)
    (letter,) = shop.json("dlq", "show", "inventory")
    assert (letter["reason"], letter["event"], letter["order_id"]) == ("invalid", "order.created", "ord_poisoned")
    assert "/data/total" in letter["error"]
    assert letter["attempts"] == 1
    assert shop.json("dlq", "redrive", "inventory", "--order", "ord_other")["moved"] == 0
    assert shop.json("dlq", "redrive", "inventory")["moved"] == 1
    assert wait_until(lambda: dead() == 1, PATIENCE)  # its cause is not mended, so it is back


def test_a_dead_letter_whose_cause_is_mended_is_handled_when_it_is_sent_back(shop):
    for order_id in ("ord_mended", "ord_waits"):
        send(shop, "orders-dlq", json.dumps(entry(event(created(order_id)))))
    assert shop.api.order("ord_mended").status == 404
    assert shop.json("dlq", "redrive", "orders", "--order", "ord_mended") == {"consumer": "orders", "moved": 1}
    assert shop.settles("ord_mended", "pending")
    assert shop.api.order("ord_waits").status == 404
    assert shop.json("dlq", "redrive", "orders")["moved"] == 1
    assert shop.settles("ord_waits", "pending")


def test_the_dead_letters_of_an_order_go_back_wherever_they_are(shop):
    for queue in ("orders-dlq", "inventory-dlq"):
        send(shop, queue, json.dumps(entry(event(created("ord_in_two_queues")))))
    moved = shop.json("dlq", "redrive", "--order", "ord_in_two_queues", "--rate", "2")
    waiting = [each["consumer"] for each in shop.json("dlq", "list")]
    assert [*(each["consumer"] for each in moved), "subscriptions"] == waiting
    assert shop.json("dlq", "show", "subscriptions") == []
    assert {each["consumer"]: each["moved"] for each in moved if each["moved"]} == {"orders": 1, "inventory": 1}
    assert shop.settles("ord_in_two_queues", "rejected")
    told = shop.orderwire("dlq", "redrive", "--order", "ord_in_two_queues")
    assert (told.code, told.out) == (0, "There are no dead letters of ord_in_two_queues.\n")
    assert shop.orderwire("dlq", "redrive", "--rate", "0").code == 2


def test_orders_are_placed_listed_and_shown_from_the_command_line(shop):
    placed = shop.json("order", "place", "--item", f"{SKU}=1", "--email", "ada@example.com", "--wait", str(PATIENCE))
    assert placed["status"] == "confirmed"
    listed = shop.json("order", "list", "--status", "confirmed")
    assert placed["order_id"] in [each["order_id"] for each in listed]
    shown = shop.json("order", "show", placed["order_id"])
    assert shown["timeline"][0]["type"] == "order.created"
    table = shop.orderwire("order", "show", placed["order_id"]).out
    assert "payment.completed" in table


def test_what_the_api_refuses_is_told_in_one_line(shop):
    refused = shop.orderwire("order", "place", "--item", "no-such-book=1", "--email", "ada@example.com")
    assert refused.code == 2
    assert refused.err.startswith("The API answered 422: ")
    assert "/items/0" in refused.err
    assert len(refused.err.splitlines()) == 1
    unknown = shop.orderwire("order", "show", "ord_nowhere")
    assert (unknown.code, unknown.err.splitlines()[0][:21]) == (2, "The API answered 404:")


def test_an_orders_mails_can_be_read_without_whom_they_went_to(shop):
    order_id = shop.place()

    def mails(*options):
        return shop.json("mails", "--order", order_id, *options)

    assert wait_until(lambda: [(each["mail"], each["state"]) for each in mails()] == [("receipt", "sent")], PATIENCE)
    assert all(order_id in each["subject"] and order_id in each["text"] for each in mails("--text"))
    told = shop.orderwire("mails", "--order", order_id, "--text").out
    assert f"Your receipt for order {order_id}" in told
    assert ORDER["customer_email"] not in told
    assert shop.orderwire("mails", "--order", "ord_nowhere").out == "There are no mails.\n"


def test_people_and_other_teams_are_told_of_an_order_and_the_order_log_keeps_it(shop):
    order_id = shop.place(items=[{"sku": "9780451524935", "quantity": 12}])

    others = ["finance-ledger", "loyalty-orders", "loyalty-payments", "warehouse-large-parcels"]
    known = {"admin-alerts", "fulfilment", *others}  # whoever else subscribes is not looked at

    def told():
        found = shop.json("delivered", "--limit", "1000")
        return [each for each in found if order_id in each["message"] and each["to"] in known]

    assert wait_until(lambda: len(told()) == 3 + len(others), PATIENCE)
    assert sorted(each["to"] for each in told()) == sorted(["admin-alerts", "admin-alerts", "fulfilment", *others])
    sentences = [each["message"] for each in told() if each["to"] == "admin-alerts"]
    assert sorted(each.split(f" {order_id}")[0] for each in sentences) == ["High-value order", "New order"]
    assert wait_until(lambda: shop.json("order-log", "--order", order_id), PATIENCE)
    (logged,) = shop.json("order-log", "--order", order_id)
    assert logged["message"] == next(each["message"] for each in told() if each["to"] == "fulfilment")
    refused = shop.orderwire("delivered", "nobody")
    assert (refused.code, refused.err) == (
        2, f"Nobody gets messages as 'nobody' here. There are: admin-alerts, fulfilment, {', '.join(others)}.\n"
    )  # fmt: skip


def test_a_rule_is_previewed_over_the_backup_and_counts_what_a_query_does(shop):
    shop.place(items=[{"sku": SKU, "quantity": 12}])
    sql = "SELECT count(*) AS orders, sum(CASE WHEN total >= 100 THEN 1 ELSE 0 END) AS high FROM events "
    rules = ROOT / "subscriptions"

    def counted():
        (found,) = shop.json("search", "--sql", f"{sql} WHERE type = 'order.created'")
        return found["orders"], found["high"]

    def previewed():
        found = shop.json("subscriptions", "preview", str(rules / "admins-high-value-order.yaml"))
        assert found["least"] == found["most"] == sum(day["most"] for day in found["days"])
        return found["named"], found["most"]

    assert wait_until(lambda: (counted()[1] or 0) > 0 and previewed() == counted(), PATIENCE)
    found = shop.json("subscriptions", "preview", str(rules / "admins-high-value-order.yaml"))
    assert found["example"]["detail"]["data"]["total"] >= 100
    assert found["month"]["targets"].keys() == {"sns"}
    read = shop.orderwire("subscriptions", "preview", str(rules / "warehouse-large-parcels.yaml")).out
    assert "A month of it: " in read
    assert ORDER["customer_email"] not in read


def test_a_rule_that_heard_nothing_and_never_will_is_told_why(shop, tmp_path):
    rule = tmp_path / "rule.json"
    rule.write_text(json.dumps({"detail-type": ["order.created"], "detail": {"data": {"totl": [1]}}}))
    assert wait_until(lambda: shop.json("search"), PATIENCE)
    told = shop.orderwire("subscriptions", "preview", str(rule))
    assert told.code == 1
    assert "It heard nothing. The rule's verdict is never: order.created has no field detail.data.totl" in told.out


def test_a_rule_that_the_backup_cannot_answer_is_told_so_in_one_line(shop, tmp_path):
    rule = tmp_path / "rule.json"
    rule.write_text(json.dumps({"detail": {"data": {"customer_id": [ORDER["customer_id"]]}}}))
    assert wait_until(lambda: shop.json("search"), PATIENCE)
    refused = shop.orderwire("subscriptions", "preview", str(rule))
    assert refused.code == 2
    assert refused.out == ""
    assert "does not have detail.data.customer_id (the condition at /detail/data/customer_id)" in refused.err


def test_importing_the_catalog_again_changes_nothing(shop):
    file = str(ROOT / "samples" / "catalog.csv")
    before = {each["sku"]: each for each in shop.json("catalog", "list")}
    done = shop.json("catalog", "import", file)
    assert (done["new"], done["changed"], done["stocked"]) == (0, 0, 0)
    assert done["unchanged"] == len(before) >= 60
    assert {each["sku"]: each for each in shop.json("catalog", "list")} == before


def test_payments_and_provider_agree(shop):
    assert shop.json("reconcile") == []


def test_a_second_run_in_the_same_home_is_refused(shop):
    second = shop.orderwire("run", "--port", str(free_port()), "--engine-port", str(free_port()))
    assert second.code == 2
    assert "Orderwire is running here already, as process" in second.err


@pytest.fixture(scope="module")
def chalice_local(shop, tmp_path_factory):
    """`chalice local --stage local`, configured for the engine that it is given."""

    def start(engine_port):
        folder = copy_of_checkout(tmp_path_factory.mktemp("chalice"))
        config = folder / ".chalice" / "config.json"
        config.write_text(config.read_text().replace("127.0.0.1:4566", f"127.0.0.1:{engine_port}"))
        port = free_port()
        command = [Path(sys.executable).with_name("chalice"), "local", "--stage", "local", "--port", str(port)]
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        started = subprocess.Popen(
            command,
            cwd=folder,
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        processes.append(started)
        return ApiClient(f"http://127.0.0.1:{port}", waits=ApiWaits(attempts=1))

    processes = []
    yield start
    for process in processes:
        os.killpg(process.pid, signal.SIGTERM)  # its reloader has a child that serves
        process.wait(PATIENCE)
        assert wait_until(lambda group=process.pid: not is_alive(group), PATIENCE)


def is_alive(group):
    try:
        os.killpg(group, 0)
    except ProcessLookupError:
        return False
    return True


def answers(api, path):
    def answered():
        try:
            return bool(api.request("GET", path).status)
        except Problem:
            return False

    assert wait_until(answered, PATIENCE)
    return api.request("GET", path)


def test_chalice_local_serves_the_same_orders_in_a_second_terminal(shop, chalice_local):
    order_id = shop.place()
    second = chalice_local(shop.engine_port)
    assert answers(second, f"/orders/{order_id}").body["order_id"] == order_id
    placed = second.place(ORDER).require_ok()["order_id"]
    assert shop.settles(placed, "confirmed")


def test_chalice_local_without_an_engine_says_how_to_start_it(chalice_local):
    answer = answers(chalice_local(free_port()), "/catalog")
    assert answer.status == 503
    assert "make run" in answer.body["detail"]


def test_nothing_that_the_day_left_in_the_terminal_is_personal(shop):
    """Every request, event, failure and dead letter of the tests above; the example of an order that a start shows is
    nobody's."""
    assert "handled" in shop.output
    assert "dead-lettered" in shop.output
    tokens = re.findall(r"tok_\w+", Path(__file__).read_text())
    personal = [ORDER["customer_email"], ORDER["customer_id"], *tokens, "eyJ"]
    logged = [line for line in shop.output.splitlines() if "curl -s" not in line]
    assert [line for line in logged if any(each in line for each in personal)] == []

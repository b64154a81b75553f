"""What the batch runner logs of a record: its ids, and nothing personal."""

import json
from threading import Barrier, Thread

from consumers.runner.errors import Hopeless, TryLater
from edges.log import masked
from schemas.events import OrderCreated
from tests.support.consumers.batches import LAST, fresh_log, record, run
from tests.support.events import created, entry, event, sqs_record


def lines(capsys):
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_every_line_about_a_record_names_its_order_event_and_request(capsys):
    kinds = ["good", "contract", "hopeless", "later", "crash", "unpublished"]
    run([record(f"{kind}-1") for kind in kinds] + [record("later-2", LAST)])
    told = lines(capsys)
    for kind in kinds:
        of_order = [line for line in told if line["order_id"] == f"{kind}-1"]
        assert of_order
        for line in of_order:
            assert line["event_id"] == OrderCreated.id_for(f"{kind}-1")
            assert line["correlation_id"] == "req-1"
    assert [line["message"] for line in told] == ["handled"] * 2 + ["dead-lettered"] * 3 + ["failed"] * 3


def test_no_line_and_no_dead_letter_repeats_anything_personal(capsys):
    secrets = {"customer_id": "cust-77", "customer_email": "ada@example.com", "payment_token": "tok_topsecret"}

    def leaky(delivery):
        told = " ".join([*secrets.values(), "other@example.org", "pm_1234567", "visible"])
        raise {"TryLater": TryLater, "ValueError": ValueError, "Hopeless": Hopeless}[delivery.event.data.order_id](told)

    records = [
        sqs_record(json.dumps(entry(event(created(kind, **secrets)))), message_id=kind)
        for kind in ("TryLater", "ValueError", "Hopeless")
    ]
    broken = entry(event(created("ord_1", **secrets)))
    broken["detail"]["data"] |= {"customer_email": "ada@example.com@", "customer_id": "ada lovelace", "total": "1"}
    queue, _, _ = run([*records, sqs_record(json.dumps(broken), message_id="broken")], handler=leaky)
    said = capsys.readouterr().out + str(dict(queue.ends))
    assert said.count("visible") == 4
    for secret in (*secrets.values(), "other@example.org", "pm_1234567", "ada"):
        assert secret not in said


def test_a_masked_text_keeps_what_is_not_personal():
    assert masked("order ord_1 of cust-1, not cust-10: <ada@example.com>", ["cust-1", ""]) == (
        "order ord_1 of ***, not cust-10: <***>"
    )


def test_two_threads_never_name_each_others_orders(capsys):
    log, meet = fresh_log(), Barrier(2)

    def slow(delivery):
        meet.wait(5)
        log.info("inside", extra={"seen": delivery.event.data.order_id})
        meet.wait(5)
        return ()

    threads = [Thread(target=run, args=([record(f"good-{n}")],), kwargs={"handler": slow, "log": log}) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    inside = [line for line in lines(capsys) if line["message"] == "inside"]
    assert len(inside) == 2
    assert all(line["order_id"] == line["seen"] for line in inside)


def test_a_line_after_the_batch_names_no_order_of_it(capsys):
    log = fresh_log()
    run([record("crash-1")], log=log)
    log.info("afterwards")
    assert "order_id" not in lines(capsys)[-1]

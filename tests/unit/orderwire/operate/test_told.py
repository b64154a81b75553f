"""What the commands say of mails, of the order log, and of what reached people and other teams."""

import json
from dataclasses import fields

import pytest

from consumers.notification import NotificationConsumer
from consumers.order_log import OrderLogConsumer
from consumers.runner.batch import deliver
from consumers.runner.errors import Hopeless
from infrastructure.subscriptions.files import load
from orderwire.operate.mails import letters, mailed
from orderwire.operate.order_log import logged
from orderwire.subscriptions.readers import delivered, receivers
from schemas.events import ON_ACCOUNT, InventoryRejected, OrderShipped, PaymentFailed
from tables.order_log import LogRow, OrderLog
from tests.support.edges import FakeTime, moto_edges
from tests.support.events import created, delivery, event, notification, one_of_each, sqs_record
from tests.support.services.dynamodb import fake_edges
from tests.support.services.ses import THROTTLED, FakeSES

SENT = 1_795_176_000


def test_each_mail_of_an_order_is_told_with_its_state_and_time_the_latest_first():
    time, ses = FakeTime(), FakeSES(refuses={"orderwire-test-shipped": "MessageRejected"})
    with moto_edges(time, confirmation="placed") as edges:
        edges.clients.__dict__["ses"] = ses
        consumer = NotificationConsumer(edges)
        for order_id in ("ord_1", "ord_2"):
            time.advance(60)
            consumer(delivery(event(created(order_id))))
        with pytest.raises(Hopeless):
            consumer(delivery(event(OrderShipped(order_id="ord_1"))))
        told = [(each.order_id, each.mail, each.state) for each in mailed(edges, None, 10)]
        (of_one,) = mailed(edges, "ord_2", 10)
        assert mailed(edges, None, 1)[0].state == "refused: MessageRejected"
        assert mailed(edges, "ord_3", 10) == []
    assert told == [
        ("ord_1", "shipped", "refused: MessageRejected"),
        ("ord_2", "confirmation", "sent"),
        ("ord_1", "confirmation", "sent"),
    ]
    assert (of_one.sent_at, of_one.message_id) == (time.now, "mail-2")


def test_a_mail_that_ses_put_off_waits():
    edges = fake_edges(ses=FakeSES().with_faults([THROTTLED]))
    with pytest.raises(Exception, match="Throttling"):
        NotificationConsumer(edges)(delivery(event(created("ord_1", payment_token=ON_ACCOUNT))))
    (waiting,) = mailed(edges, "ord_1", 10)
    assert (waiting.state, waiting.sent_at) == ("waiting", None)


def test_a_mail_that_another_one_made_needless_is_not_said_to_wait():
    with moto_edges(confirmation="placed") as edges:
        edges.clients.__dict__["ses"] = FakeSES()
        failed, rejected = (next(e for e in one_of_each("ord_1") if isinstance(e.data, each))
                            for each in (PaymentFailed, InventoryRejected))  # fmt: skip
        for each in (rejected, failed, event(created("ord_1"))):
            NotificationConsumer(edges)(delivery(each))
        assert [(each.mail, each.state) for each in mailed(edges, "ord_1", 10)] == [("cancelled", "sent")]


def test_a_mails_text_is_told_and_nobodys_address():
    with moto_edges(confirmation="placed") as edges:
        edges.clients.__dict__["ses"] = FakeSES()
        NotificationConsumer(edges)(delivery(event(created("ord_1"))))
        taken = {"MessageId": "mail-1", "Subject": "We have it", "BodyText": "Hello", "To": ["ada@example.com"]}
        (letter,) = letters(mailed(edges, None, 10), [taken])
        assert letters(mailed(edges, None, 10), []) == []
    assert (letter.subject, letter.text) == ("We have it", "Hello")
    assert "ada@" not in repr(letter)


def test_the_order_log_is_told_with_ids_and_readable_times_the_latest_first():
    with moto_edges() as edges:
        for number in (1, 2):
            body = notification(event(created(f"ord_{number}")), posted=f"2026-11-20T12:00:0{number}.000Z")
            OrderLogConsumer(edges)(deliver(sqs_record(body)))
        found = logged(edges, None, 10)
        assert logged(edges, "ord_1", 10) == found[1:]
        assert logged(edges, None, 1) == found[:1]
    assert [(each.posted, each.message) for each in found] == [
        ("2026-11-20 12:00:02 UTC", "New order ord_2."),
        ("2026-11-20 12:00:01 UTC", "New order ord_1."),
    ]
    assert found[0].id == event(created("ord_2")).event_id


def test_programs_are_told_all_of_the_order_logs_row():
    told = event(created("ord_1"))
    with moto_edges() as edges:
        OrderLogConsumer(edges)(deliver(sqs_record(notification(told))))
        [row], [found] = OrderLog(edges).scan(), logged(edges, None, 1)
    assert {field.name for field in fields(found)} == set(LogRow.model_fields) - {"version"}
    assert found.sns_id == row.sns_id
    assert found.event == {"detail-type": "order.created", "detail": json.loads(row.event.text)}


class Queues:
    """The engine's, by full name, with the bodies of their messages; each message came a second after the last."""

    def __init__(self, **bodies):
        self._bodies = {f"orderwire-test-{name.replace('_', '-')}": each for name, each in bodies.items()}

    def queue(self, name):
        return [{"Body": body, "SentTimestamp": SENT + n} for n, body in enumerate(self._bodies.get(name, []))]


class Rules:
    """Each rule ends at the queue that stands in for its target."""

    def list_targets_by_rule(self, Rule, EventBusName):  # noqa: N803  (boto3's names)
        assert EventBusName == "orders-test"
        return {"Targets": [{"Id": "1", "Arn": f"arn:aws:sqs:eu-central-1:000000000000:{Rule}"}]}


def posted(text):
    return json.dumps({"Type": "Notification", "Message": text})


OTHER_TEAMS = sorted(file.name for file in load() if not file.topic)


def test_people_and_other_teams_are_those_that_the_subscriptions_name():
    assert receivers(reversed(OTHER_TEAMS)) == ["admin-alerts", "fulfilment", *OTHER_TEAMS]
    assert "loyalty-orders" in OTHER_TEAMS


def test_what_was_delivered_is_told_in_the_words_that_people_read():
    queues = Queues(
        admin_alerts_reader=[posted('"New order ord_1."'), posted("plain words"), posted('{"AlarmName": "late"}')],
        fulfilment_reader=[posted('{"message": "Pack ord_1.", "event": {"source": "x"}}')],
        loyalty_orders=['{"order_id": "ord_1", "total": 9.5}'],
    )
    found = delivered(fake_edges(events=Rules()), queues, receivers(OTHER_TEAMS))
    assert sorted((each.to, each.message) for each in found) == [
        ("admin-alerts", "New order ord_1."),
        ("admin-alerts", "plain words"),
        ("admin-alerts", '{"AlarmName": "late"}'),
        ("fulfilment", "Pack ord_1."),
        ("loyalty-orders", '{"order_id": "ord_1", "total": 9.5}'),
    ]
    assert [each.at for each in found] == sorted((each.at for each in found), reverse=True)
    assert next(each for each in found if each.to == "fulfilment").content["event"] == {"source": "x"}

"""The files of subscriptions/: what they deliver in the embedded AWS, and what none of them may say."""

import json

import orderwire_events
import pytest
import yaml

from consumers.registry import consumers
from edges.dead_letters import UNDELIVERED
from infrastructure.names import title
from infrastructure.resources.bus import PatternTooLong
from infrastructure.stages import LOCAL, Stage
from infrastructure.subscriptions.files import in_house, load, load_each, read
from infrastructure.subscriptions.folder import HOME
from infrastructure.subscriptions.model import SubscriptionRefused
from infrastructure.subscriptions.resources import event_pattern, subscriptions, whole_pattern
from orderwire.subscriptions.deploying import deploy_all
from schemas.events import InventoryLowStock, OrderCreated, PaymentCompleted, PaymentFailed
from schemas.parse import parse_entry, unwrap
from schemas.personal import impersonal, personal_values
from tests.support.embedded import embedded_aws, eventually
from tests.support.events import TOTAL, created, event, one_of_each

FILES = load()
TRACE = f"00-{'1' * 32}-{'2' * 16}-01"
TOPIC_SPIES = ("admin-alerts", "fulfilment")
OTHERS = [file.name for file in FILES if not file.topic]
each_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.name)


class Spies:
    """Queues that hear what the topics say, and the queues that are there anyway."""

    def __init__(self, aws):
        self._sqs, self._sns = aws.client("sqs"), aws.client("sns")
        self.publish = aws.edges.publisher.publish
        deploy_all(aws.client, LOCAL, FILES, lambda _: None)
        self._heard = {topic: [] for topic in (*TOPIC_SPIES, *OTHERS, UNDELIVERED)}
        self._urls = {name: self._url(aws, name) for name in self._heard}

    def _url(self, aws, name):
        if name not in TOPIC_SPIES:
            return self._sqs.get_queue_url(QueueName=aws.edges.settings.name(name))["QueueUrl"]
        url = self._sqs.create_queue(QueueName=f"spy-{name}")["QueueUrl"]
        arn = self._sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
        [topic] = [each["TopicArn"] for each in self._sns.list_topics()["Topics"] if each["TopicArn"].endswith(name)]
        self._sns.subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn, Attributes={"RawMessageDelivery": "true"})
        return url

    def about(self, name, order_id):
        """Every message so far that names the order."""
        answer = self._sqs.receive_message(QueueUrl=self._urls[name], MaxNumberOfMessages=10)
        self._heard[name] += [message["Body"] for message in answer.get("Messages", [])]
        return [body for body in self._heard[name] if order_id in body]

    def wait(self, name, order_id, number=1):
        eventually(lambda: len(self.about(name, order_id)) >= number)
        return self.about(name, order_id)


@pytest.fixture(scope="module")
def spies(tmp_path_factory):
    with embedded_aws(tmp_path_factory.mktemp("aws"), LOCAL) as aws:
        yield Spies(aws)


def test_admins_read_a_sentence_of_a_new_order(spies):
    spies.publish([event(created("ord_new", total=99.99))], 5)
    assert spies.wait("admin-alerts", "ord_new") == [
        '"New order ord_new of 99.99 EUR, placed at 2026-11-20T12:00:00.000Z."'
    ]


def test_an_order_of_the_stages_limit_is_one_of_high_value(spies):
    spies.publish([event(created("ord_high", total=100))], 5)
    assert sorted(spies.wait("admin-alerts", "ord_high", 2)) == [
        '"High-value order ord_high: 100.0 EUR. Look at it before it is shipped."',
        '"New order ord_high of 100.0 EUR, placed at 2026-11-20T12:00:00.000Z."',
    ]


def test_admins_read_of_failed_payments_and_low_stock(spies):
    failed = PaymentFailed(order_id="ord_poor", amount=TOTAL, currency="EUR", reason="card_declined")
    low = InventoryLowStock(order_id="ord_last", sku="book-1", on_hand=1, threshold=2)
    spies.publish([event(failed), event(low)], 5)
    assert spies.wait("admin-alerts", "ord_poor") == [
        '{"message": "The payment of order ord_poor failed: 69.98 EUR.", "reason": "card_declined"}'
    ]
    assert spies.wait("admin-alerts", "ord_last") == [
        '"Product book-1 is low on stock: 1 on hand, reorder threshold 2. Order ord_last took it there."'
    ]


def test_the_in_house_team_reads_a_sentence_and_gets_the_event_without_what_is_personal(spies):
    placed = event(created("ord_ours", shipping=0), traceparent=TRACE)
    spies.publish([placed], 5)
    [body] = spies.wait("fulfilment", "ord_ours")
    assert json.loads(body)["message"] == (
        "New order ord_ours, placed at 2026-11-20T12:00:00.000Z: 69.98 EUR, shipping of 0.0 included."
    )
    told = parse_entry(unwrap(json.dumps({"Type": "Notification", "Message": body})), impersonal)
    assert told.metadata == placed.metadata
    assert told.data.model_dump() == placed.data.model_dump(include=set(type(told.data).model_fields))
    assert [value for value in personal_values(placed) if value in body] == []


def test_another_team_gets_the_event_without_what_its_file_does_not_disclose(spies):
    placed = event(created("ord_points"))
    spies.publish([placed], 5)
    [body] = spies.wait("loyalty-orders", "ord_points")
    read = orderwire_events.parse({"body": body})
    assert (read.event_id, read.data.customer_id, read.data.total) == (placed.event_id, "cust-1", TOTAL)
    assert read.metadata.model_dump() == placed.metadata.model_dump()
    assert "ada@example.com" not in body
    assert "tok_ok" not in body


def test_an_event_without_personal_fields_is_delivered_as_it_is(spies):
    paid = event(PaymentCompleted(order_id="ord_paid", amount=TOTAL, currency="EUR", method="card", reference="pay_1"))
    spies.publish([paid], 5)
    for name in ("loyalty-payments", "finance-ledger"):
        [body] = spies.wait(name, "ord_paid")
        assert json.loads(body)["detail"] == json.loads(paid.to_json())
        assert orderwire_events.parse({"body": body}).data.amount == TOTAL


def test_nobody_hears_replays_or_smoke_orders(spies):
    replayed = [each.marked_replay() for each in one_of_each("ord_again")]
    smoke = [event(each.data, test=True) for each in one_of_each("ord_smoke")]
    spies.publish([*replayed, *smoke, event(created("ord_after"))], 5)
    for name in (*TOPIC_SPIES, "loyalty-orders"):
        assert spies.wait(name, "ord_after")
    for name in (*TOPIC_SPIES, *OTHERS):
        assert spies.about(name, "ord_again") == spies.about(name, "ord_smoke") == []
    assert spies.about(UNDELIVERED, "ord_") == []


@each_file
def test_a_rule_leaves_replays_and_smoke_orders_out_and_hears_one_version(file):
    pattern = event_pattern(file)
    text = (
        pattern if isinstance(pattern, dict) else json.loads(pattern.data["Fn::Sub"].replace("${HighValueTotal}", "1"))
    )
    assert text["replay-name"] == [{"exists": False}]
    assert text["detail"]["metadata"] == {
        "version": [{"prefix": "1."}],
        "replay": [{"exists": False}],
        "test": [{"exists": False}],
    }


@each_file
def test_a_file_says_whose_it_is(file):
    assert file.team
    assert "@" in file.contact
    assert file.name in {path.stem for path in HOME.glob("*.yaml")}


def test_the_limit_of_a_high_value_is_the_stages():
    assert Stage("prod", high_value_total=250).parameters["HighValueTotal"] == "250"
    [file] = [file for file in FILES if file.name == "admins-high-value-order"]
    assert '{"numeric":[">=",${HighValueTotal}]}' in event_pattern(file).data["Fn::Sub"]


def test_what_is_undelivered_waits_in_one_queue_that_only_these_rules_reach():
    resources = {each.title: each.to_dict() for each in subscriptions(FILES, [])}
    for file in in_house():
        [target] = resources[title(file.name, "rule")]["Properties"]["Targets"]
        assert target["DeadLetterConfig"] == {"Arn": {"Fn::GetAtt": ["UndeliveredQueue", "Arn"]}}
    allow, deny = resources["UndeliveredQueuePolicy"]["Properties"]["PolicyDocument"]["Statement"]
    assert "rule/orders-${Stage}/orderwire-${Stage}-*" in str(allow["Condition"]["ArnLike"]["aws:SourceArn"])
    assert deny["Effect"] == "Deny"


def test_the_stages_stack_holds_the_rules_that_end_at_its_topics_and_no_others():
    rules = {
        each.Name.data["Fn::Sub"] for each in subscriptions(FILES, []) if each.resource["Type"] == "AWS::Events::Rule"
    }
    assert rules == {f"orderwire-${{Stage}}-{file.name}" for file in FILES if file.topic}


OURS = "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:orderwire-${Stage}-"
EVENTS, SQS = (f"arn:aws:{service}:${{AWS::Region}}:${{AWS::AccountId}}:" for service in ("events", "sqs"))
FUNCTION = "arn:aws:lambda:${AWS::Region}:${AWS::AccountId}:function:"
BUS = "arn:aws:events:eu-central-1:111122223333:event-bus/finance"
VALID = {
    "team": "finance",
    "contact": "finance@example.com",
    "description": "Totals",
    "pattern": {"source": ["orderwire.checkout"], "detail-type": ["order.created"]},
    "target": "arn:aws:sns:${AWS::Region}:${AWS::AccountId}:orderwire-${Stage}-admin-alerts",
    "input": {"paths": {"total": "$.detail.data.total"}, "template": '{"total": <total>}'},
}


def written(folder, name="totals.yaml", **changes):
    path = folder / name
    path.write_text(yaml.safe_dump({**VALID, **changes}))
    return path


def reading(field, path, **changes):
    return {"input": {"paths": {field: path}, "template": f"<{field}>"}, **changes}


def hearing(*types, **pattern):
    return {"pattern": {"source": ["orderwire.checkout"], "detail-type": list(types), **pattern}}


@pytest.mark.parametrize(("changes", "told"), [
    ({"team": ""}, "/team: String should have at least 1 character"),
    ({"contact": "nobody"}, "/contact: must be an e-mail address such as ada@example.com"),
    ({"surprise": 1}, "/surprise: there is no such field$"),
    ({"descripton": "x"}, "/descripton: there is no such field; did you mean description[?]"),
    ({"retry": {"maximum_attempt": 1}}, "/retry/maximum_attempt: there is no such field; did you mean"),
    ({"target": "finance"}, "/target: must be the ARN of a queue, topic, function or event bus"),
    ({"target": "arn:aws:s3:eu-central-1:111122223333:x"}, "/target: must be the ARN of a queue, topic, function"),
    ({"target": "arn:aws:lambda:eu-central-1:111122223333:x"}, "/target: must be the ARN of a queue, topic, function"),
    ({"target": "arn:aws:sqs:eu-central-1:111122223333:function:x"}, "/target: must be the ARN of a queue, topic"),
    ({"target": "arn:aws:sqs:eu-central-1:111122223333:x-${Team}"}, "/target: .*{Team} stands for nothing"),
    ({"target": "arn:aws:sqs:eu-central-1:111122223333:x.fifo"}, "/target: must not be a FIFO queue"),
    ({"target": f"{OURS}elsewhere"}, "/target: the stage's own topics are admin-alerts, fulfilment"),
    ({"dead_letter": "arn:aws:sns:eu-central-1:111122223333:x"}, "/dead_letter: must be the ARN of a queue"),
    ({"retry": {"maximum_age_seconds": 5}}, "/retry/maximum_age_seconds"),
    ({"stage_values": {"/detail/data/total/0": "HighValueTotal"}}, "/detail/data/total/0 is not the place of a number"),
    ({"stage_values": {"/source/0": "HighValueTotal"}}, "/source/0 is not the place of a number"),
    ({"stage_values": {"/source/0": "Surprise"}}, "/stage_values"),
    ({"target": BUS}, "/input: an event bus takes events as they are"),
    ({"target": BUS, "input": None}, "order.created has what is secret .payment_token., so it can never go to a bus"),
    ({"target": BUS, "input": None, **hearing("order.cancelled")}, "order.cancelled: name them .discloses: .*reason"),
    ({"pattern": {**VALID["pattern"], "detail": "x"}}, "/pattern/detail: must be an object"),
    ({"pattern": {**VALID["pattern"], "detail": {"metadata": None}}}, "/pattern/detail/metadata: must be an object"),
    ({"pattern": {**VALID["pattern"], "source": [1, "orderwire.checkout"]}},
     r"/pattern/source: must be \[orderwire.checkout\], exactly"),
    ({"pattern": {"detail-type": ["order.created"]}}, r"/pattern/source: is missing: write source: \[orderwire"),
    ({"pattern": {"source": ["orderwire.checkout"]}}, "/pattern/detail-type: is missing: write detail-type: and a"),
    ({"pattern": "source: [orderwire.checkout]"}, "/pattern: must be an object, and this is a text: write it without"),
    ({"source": ["orderwire.checkout"]}, "/source: there is no such field: it is part of the pattern: put it under"),
    ({"discloses": "customer_id"}, r"/discloses: must be a list: write \[customer_id\]$"),
    ({"discloses": {"customer_id": True}}, "/discloses: must be a list of names"),
    ({"discloses": None}, "/discloses: must be a list of names"),
    ({"retry": {"maximum_attempts": "500"}}, "/retry/maximum_attempts: Input should be a valid integer"),
    ({"Team": "x"}, "/Team: there is no such field; did you mean team[?]"),
    ({"contact": "nobody", "discloses": "reason"}, "/contact: must be .*; /discloses: must be a list"),
    ({"description": "{{x", "contact": "nobody"}, "/description: must not have {{ .*; /contact: must be"),
    ({"key": "arn:aws:kms:eu-centrl-1:111122223333:key/1"}, "/key: botocore knows no region eu-centrl-1; did you mean"),
    ({"target": "arn:aws:sqs:eu-centrl-1:111122223333:x"},
     "/target: botocore knows no region eu-centrl-1; did you mean eu-central-1[?]"),
    ({"target": "arn:aws:sqs:cn-north-1:111122223333:x"}, "/target: cn-north-1 is in the partition aws-cn, not in aws"),
    ({"pattern": {**VALID["pattern"], "time": [b"2026"]}}, "/pattern/time/0: must be a text, number"),
    ({"target": f"{EVENTS}event-bus/orders-${{Stage}}"}, "/target: must not be the saga's own"),
    ({"target": f"{EVENTS}event-bus/orders-prod"}, "/target: must not be the saga's own"),
    ({"target": f"{SQS}orderwire-${{Stage}}-payment"}, "/target: must not be the saga's own"),
    ({"target": f"{SQS}orderwire-dev-payment-dlq"}, "/target: must not be the saga's own"),
    ({"target": f"{OURS}fulfilment".replace("${Stage}", "dev")}, "/target: must not be the saga's own"),
    ({"target": f"{FUNCTION}orderwire-${{Stage}}:live"}, "/target: must not be the saga's own"),
    ({"input": None, "discloses": ["payment_token"]}, "payment_token is secret"),
    ({"input": None, "discloses": ["total"]}, "discloses must name personal fields of these events"),
    ({"input": None, **hearing("order.created", "order.shipped")}, "order.created has personal fields: give it a file"),
    (hearing("order.lost"), "/pattern/detail-type: there is no order.lost; events are named exactly: only so"),
    (hearing("order.create", "order.Created"), r"there is no order.create .did you mean order.created\?., order.C"),
    ({"pattern": {**VALID["pattern"], "detail-type": "order.created"}}, r"must be a list: write \[order.created\]"),
    (hearing({"prefix": "order."}), "/pattern/detail-type: .*exact names: only so is it known which .* personal"),
    (hearing("payment.failed"), "/pattern/source: must be"),
    (hearing("order.created", **{"replay-name": [{"exists": True}]}), "/pattern/replay-name: is added to every"),
    (hearing("order.shipped", **{"$or": [{"detail-type": ["order.created"]}, {"detail-type": ["order.shipped"]}]}),
     "/pattern/[$]or/0/detail-type: would count in place of detail-type: say it once, at /pattern/detail-type"),
    (hearing("order.created", **{"$or": [{"detail": {"metadata": {"test": [True]}}}, {"source": ["x"]}]}),
     "/pattern/[$]or/0/detail/metadata/test: is added to every pattern"),
    (hearing("order.created", detail={"$or": [{"metadata": {"$or": [{"replay": ["x"]}, {"version": ["2.0"]}]}}, {}]}),
     "/pattern/detail/[$]or/0/metadata/[$]or/0/replay: is added to every pattern"),
    (hearing("order.created", **{"detail.metadata": {"version": ["2.0"]}}),
     "/pattern/detail.metadata/version: would count in place of detail.metadata.version"),
    (hearing("order.created", detail={"metadata.replay": [{"exists": True}]}),
     "/pattern/detail/metadata.replay: is added to every pattern"),
    ({"dead_letter": f"{SQS}totals-dead"},
     "/dead_letter: EventBridge puts order.created there as it is, with customer_email, customer_id, payment_token"),
    ({"input": None, "dead_letter": f"{SQS}totals-dead", **hearing("order.cancelled")},
     "/dead_letter: EventBridge puts order.cancelled there as it is, with reason"),
    ({"description": "{{resolve:secretsmanager:orderwire/prod/stripe-key}}"}, "/description: must not have {{ in it"),
    ({"input": {"paths": {"t": "$.time"}, "template": '{"t": <t>, "key": "{{resolve:ssm:x}}"}'}},
     "/input/template: must not have {{ in it"),
    (hearing("order.created", detail={"data": {"{{resolve:ssm:x}}": ["y"]}}), "/pattern/detail/.*: must not have {{"),
    ({"input": {"paths": {"aws.events.rule-arn": "$.time"}, "template": '"<aws.events.rule-arn>"'}},
     "aws.events.rule-arn: must be of letters, digits, _ and -"),
    ({"input": {"paths": {"a b": "$.time"}, "template": '"now"'}}, "a b: must be of letters, digits, _ and -"),
    ({"input": {"paths": {"name": "$.detail.data.items[0].name"}, "template": '"First: <name>"'}},
     "name: .* may have quotes, line feeds or several values"),
    ({"input": {"paths": {"all": "$.detail.data.items"}, "template": '{"a": "\\"<all>"}'}}, "all: .* may have quotes"),
    ({"input": {"paths": {"m": "$.detail.metadata"}, "template": '{"a": "see <m>"}'}}, "m: .* may have quotes"),
    ({**reading("why", "$.detail.data.reason", discloses=["reason"]), **hearing("order.cancelled")},
     r'why: .*is not in every event.*ask for it in the pattern \(\[{"exists": true}\]\)'),
    ({"key": "arn:aws:kms:eu-central-1:111122223333:key/1"}, "/key: is for a target in another account"),
    ({"target": f"arn:aws:sqs:eu-central-1:111122223333:{'q' * 81}"}, "/target: q+ has 81 characters"),
    ({"target": f"arn:aws:lambda:eu-central-1:111122223333:function:{'f' * 65}:live"}, "/target: f+ has 65 characters"),
    ({"target": "arn:aws:sns:eu-central-1:111122223333:new.orders"}, "/target: new.orders must not have a dot"),
    ({"key": "arn:aws:kms:us-east-1:111122223333:key/1", "target": "arn:aws:sqs:eu-central-1:111122223333:q"},
     "/key: is a key of us-east-1, and the target is in eu-central-1"),
    ({"key": "arn:aws:kms:eu-central-1:111122223333:key/1",
      "target": "arn:aws:lambda:eu-central-1:111122223333:function:f"}, "/key: is for a queue or a topic"),
    ({"key": "arn:aws:kms:eu-central-1:111122223333:alias/x"}, "/key: must be the ARN of a KMS key, by its id"),
    ({"description": "x" * 400, "team": "y" * 90}, "/description: with the team and the contact it has 51[0-9] char"),
    (hearing("order.created", detail={"metadata": {"test": [True]}}), "/pattern/detail/metadata/test: is added to"),
    (reading("total", "$.detail.data.sum"), "order.created has no data.sum"),
    (reading("total", "$.detail.metadata.ip"), "order.created has no metadata.ip"),
    (reading("total", "$.detail.data.totl"), "order.created has no data.totl; did you mean data.total[?]"),
    (reading("cents", "$.detail.data.total.cents"), "order.created has no data.total.cents"),
    (reading("first", "$.detail.data.total[0]"), "order.created has no list at data.total"),
    (reading("sku", "$.detail.data.items.sku"), r"order.created has a list at data.items: write data.items\[0\].sku"),
    (reading("sku", "$.detail.data.items[0].skuu"), r"has no data.items\[0\].skuu; did you mean data.items\[0\].sku"),
    (reading("second", "$.detail.data.items[1].sku"), r"second: .*items\[1\].sku is not in every event"),
    (reading("trace", "$.detail.metadata.traceparent"), 'trace: .*is not in every event.* write "<trace>"'),
    (reading("all", "$.detail.data"), "all: must be a field of"),
    (reading("all", "$.detail"), "all: must be a field of"),
    (reading("email", "$.detail.data.customer_email"), "discloses must name the personal fields .*: customer_email"),
    (reading("total", "$.detail.data.total", discloses=["customer_id"]), "discloses must name .*: customer_id"),
    (reading("token", "$.detail.data.payment_token", discloses=["payment_token"]), "payment_token is secret"),
    ({"input": {"paths": {}, "template": "<aws.events.event.json>"}}, "<aws.events.event.json> is EventBridge's own"),
    ({"input": {"paths": {"a": "$.source", "b": "$.time"}, "template": "<a>"}}, "<b> must be in the paths and in the"),
    ({"input": {"paths": {"a": "$.source"}, "template": "From <a>."}}, "the template must be JSON"),
    ({"input": {"paths": {"a": "$.source"}, "template": '{"a": 1<a>}'}}, "the template must be JSON"),
    ({"input": {"paths": {"a": "$.source"}, "template": '{"a": -<a>}'}}, "the template must be JSON"),
    ({"input": {"paths": {"a": "$.source"}, "template": '{"a": <a>.5}'}}, "the template must be JSON"),
    ({"input": {"paths": {"a": "$.source", "b": "$.time"}, "template": "[1<a><b>]"}}, "the template must be JSON"),
    ({"input": {"paths": {"a": "$.source"}, "template": '{"a": <a>, "b": NaN}'}}, "the template must be JSON"),
    ({"input": {"paths": {"a": "$.source"}, "template": "[<a>, -Infinity]"}}, "the template must be JSON"),
    ({"input": {"paths": {}, "template": '"' + "x" * 8192 + '"'}}, "/input/template: String should have at most 8192"),
])  # fmt: skip
def test_a_file_that_is_wrong_is_refused_with_the_reason(tmp_path, changes, told):
    with pytest.raises(SubscriptionRefused, match=rf"^totals(\.yaml)?: .*{told}"):
        read(written(tmp_path, **changes))


@pytest.mark.parametrize(
    "condition",
    [
        {"detail": {"data": {"payment_token": [{"prefix": "tok_a"}]}}},
        {"detail": {"data.payment_token": [{"anything-but": ["tok_ok"]}]}},
        {"$or": [{"detail.data": {"payment_token": ["tok_ok"]}}, {"account": ["111122223333"]}]},
    ],
)
def test_no_rule_spells_out_a_secret_by_what_it_hears(tmp_path, condition):
    with pytest.raises(SubscriptionRefused, match="payment_token is secret, and who hears of it by a condition knows"):
        read(written(tmp_path, **hearing("order.created", **condition)))


def test_a_file_without_an_input_tells_everything_but_what_is_personal_and_undisclosed(tmp_path):
    told = read(written(tmp_path, input=None, discloses=["customer_id"])).told
    assert set(told.paths.values()) >= {"$.detail.metadata", "$.detail.data.customer_id", "$.detail.data.total"}
    assert not {"$.detail.data.customer_email", "$.detail.data.payment_token"} & set(told.paths.values())
    assert read(written(tmp_path, input=None, **hearing("order.shipped"))).told is None


@pytest.mark.parametrize(("type_", "kept"), [("order.cancelled", {"order_id"}),
                                             ("order.refunded", {"order_id", "amount", "currency"})])  # fmt: skip
def test_an_admins_words_stay_with_the_shop_unless_a_file_discloses_them(tmp_path, type_, kept):
    told = read(written(tmp_path, input=None, **hearing(type_))).told
    fields = {path.removeprefix("$.detail.data.") for path in told.paths.values() if path.startswith("$.detail.data.")}
    assert fields == kept
    assert read(written(tmp_path, input=None, discloses=["reason"], **hearing(type_))).told is None


def test_a_stages_value_takes_the_place_of_the_number_that_the_file_names(tmp_path):
    total = {"detail": {"data": {"total": [{"numeric": [">=", 100]}]}}}
    places = {"stage_values": {"/detail/data/total/0/numeric/1": "HighValueTotal"}}
    file = read(written(tmp_path, **hearing("order.created", **total), **places))
    assert whole_pattern(file, {"HighValueTotal": 250})["detail"]["data"]["total"] == [{"numeric": [">=", 250]}]
    assert file.pattern["detail"]["data"]["total"] == [{"numeric": [">=", 100]}]


def test_a_file_that_is_right_is_read(tmp_path):
    file = read(written(tmp_path))
    assert (file.name, file.contracts) == ("totals", (OrderCreated,))
    assert read(written(tmp_path, **reading("who", "$.detail.data.customer_id", discloses=["customer_id"])))


RULE = {"Type": "AWS::Events::Rule", "Properties": {"EventPattern": VALID["pattern"]}}
TAGGED = "Resources:\n  R:\n    Properties:\n      EventBusName: !Ref Bus\n      EventPattern: {source: [x]}\n"
SAM = {"Type": "EventBridgeRule", "Properties": {"Pattern": {"source": ["x"]}}}


@pytest.mark.parametrize(("text", "told"), [
    (json.dumps(VALID["pattern"]), "is a pattern as AWS takes it, .* put it under pattern:, and team:, contact:"),
    (yaml.safe_dump(VALID["pattern"]), "is a pattern as AWS takes it, .* put it under pattern:"),
    (json.dumps({"Resources": {"R": RULE}}), "take what stands at /Resources/R/Properties/EventPattern, and put it"),
    (json.dumps({"Resources": {"F": {"Properties": {"Events": {"E": SAM}}}}}), "at .*/Events/E/Properties/Pattern, "),
    (TAGGED, "take what stands at /Resources/R/Properties/EventPattern, and put it under pattern:"),
    (json.dumps({"Name": "r", "EventPattern": "{}"}), "take the JSON in the text at /EventPattern, and put it under"),
    ("Resources: {A: {Type: x}}", "is a CloudFormation template, and no rule of it has an EventPattern"),
    ('{"team": "a",\n "pattern": {},\n\n "team": "b"}', "says team twice in one object, in lines 1 and 4, of which"),
    ('{"team": "a",\n\t"team": "b"}', "says team twice in one object, of which only the last would count"),
    ('{"x": {"a": 1e3, "a": 2}}', "says a twice in one object, in line 1, of which only the last would count"),
    ("team: a\npattern: {}\nteam: b", "says team twice in one object, in lines 1 and 3, of which only the last"),
    ("team: a\nretry: {maximum_attempts: 1e3}", "1e3 in line 2 is a text to YAML: write 1000, or put it in quotes"),
    ("name: a\nteam: b", "/name: there is no such field: a rule is called as its file is; /contact: Field required"),
    ("a: [.5E2]", ".5E2 in line 1 is a text to YAML: write 50, or put it in quotes"),
    ("a: [1e999999]", "1e999999 in line 1 is a text to YAML: write it without an exponent, or put it in quotes"),
])  # fmt: skip
def test_what_was_pasted_in_or_written_in_another_language_is_told_what_to_do(tmp_path, text, told):
    path = tmp_path / "a.yaml"
    path.write_text(text)
    with pytest.raises(SubscriptionRefused, match=rf"^a\.yaml: .*{told}"):
        read(path)


@pytest.mark.parametrize(("name", "told"), [
    ("Totals Of-Orders.yaml", "its name must have small letters, digits and hyphens .* such as totals-of-orders;"),
    (f"{'t' * 35}.yaml", "its name has 35 characters, and a rule's may have 34; /contact"),
    (f"{'T' * 35}.yaml", f"its name has 35 characters, .*; its name must have .* such as {'t' * 34}; /contact"),
    ("42.yaml", "its name must have small letters, digits and hyphens only, a letter first; /contact"),
])  # fmt: skip
def test_each_fault_of_a_files_name_is_told_beside_those_of_the_file(tmp_path, name, told):
    with pytest.raises(SubscriptionRefused, match=rf"^{name}: {told}"):
        read(written(tmp_path, name, contact="nobody"))


@pytest.mark.parametrize(("name", "text"), [("a.yaml", "- 1"), ("a.yaml", "team: ["), ("A B.yaml", "team: x")])
def test_what_is_no_subscription_is_refused(tmp_path, name, text):
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(SubscriptionRefused, match=f"^{name}: "):
        read(path)


@pytest.mark.parametrize("name", ["totals.yml", "totals.json"])
def test_a_file_with_another_ending_is_not_passed_over_without_a_word(tmp_path, name):
    written(tmp_path, name)
    with pytest.raises(SubscriptionRefused, match=f"^{name}: must end in .yaml"):
        load(tmp_path)
    assert load_each(tmp_path)[1].keys() == {"totals"}


def test_what_is_no_text_or_no_file_is_refused(tmp_path):
    (tmp_path / "a.yaml").write_bytes(b"team: \xff")
    with pytest.raises(SubscriptionRefused, match=r"^a\.yaml: cannot be read: it is not text in UTF-8"):
        load(tmp_path)
    with pytest.raises(SubscriptionRefused, match=r"^b\.yaml: cannot be read: No such file"):
        read(tmp_path / "b.yaml")


def test_a_pattern_that_eventbridge_would_refuse_is_refused_here(tmp_path):
    skus = [f"sku-{number}" for number in range(300)]
    file = read(written(tmp_path, **hearing("order.created", detail={"data": {"items": {"sku": skus}}})))
    with pytest.raises(PatternTooLong, match="totals: the event pattern has"):
        event_pattern(file)


def test_no_file_takes_the_name_of_a_consumer(tmp_path):
    with pytest.raises(SubscriptionRefused, match="backup: a consumer has this name"):
        subscriptions([read(written(tmp_path, "backup.yaml"))], [row.name for row in consumers()])


def test_the_blanks_of_json_do_not_count_as_characters_of_a_pattern(tmp_path):
    skus = [
        f"97801311{number:05}" for number in range(108)
    ]  # 1943 characters, and 2171 with a blank after each , and :
    file = read(written(tmp_path, **hearing("order.created", detail={"data": {"items": {"sku": skus}}})))
    assert event_pattern(file) == whole_pattern(file, {})

"""What the embedded AWS delivers, by rules and by mail, where it would do otherwise than AWS."""

import json

import pytest
from botocore.exceptions import ClientError

from orderwire.workplace.embedded import Inside

EVENT = {"items": [{"sku": "book-1", "sizes": [[1, 2], [3]]}, {"sku": "book-2"}], "note": "none", "grid": [[{"a": 7}]]}


@pytest.fixture
def delivered(engine, request):
    """A function from a target's members, and perhaps an event's detail, to what its queue gets."""
    name = f"delivery-{abs(hash(request.node.name))}"
    events, sqs = engine.client("events"), engine.client("sqs")
    url = sqs.create_queue(QueueName=name)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))

    def deliver(target, detail=EVENT):
        events.put_targets(Rule=name, Targets=[{"Id": "target", "Arn": arn, **target}])
        events.put_events(Entries=[{"Source": name, "DetailType": "made", "Detail": json.dumps(detail)}])
        (message,) = sqs.receive_message(QueueUrl=url, WaitTimeSeconds=20)["Messages"]
        sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
        return message["Body"]

    return deliver


def transformer(path):
    return {"InputTransformer": {"InputPathsMap": {"it": path}, "InputTemplate": '{"it": <it>}'}}


READ = {
    "$.detail.items[0].sku": "book-1",
    "$.detail.items[1].sku": "book-2",
    "$.detail.items[1]": {"sku": "book-2"},
    "$.detail.items[0].sizes[0][1]": 2,
    "$.detail.grid[0][0].a": 7,
    "$.detail.note": "none",
    "$.detail-type": "made",
}


@pytest.mark.parametrize("path", READ)
def test_an_input_path_reads_elements_of_lists(delivered, path):
    assert json.loads(delivered(transformer(path))) == {"it": READ[path]}
    assert json.loads(delivered({"InputPath": path})) == READ[path]


@pytest.mark.parametrize(
    "path", ["$.detail.items[2].sku", "$.detail.items[0][0]", "$.detail.note[0]", "$.detail.none[0]"]
)
def test_a_path_that_leads_nowhere_leaves_its_place_empty(delivered, path):
    assert delivered(transformer(path)) == '{"it": ""}'


def test_the_whole_event_is_handed_on_as_it_came(delivered):
    whole = {
        "InputPathsMap": {"it": "$.detail.items[0].sku"},
        "InputTemplate": '{"it": <it>, "all": <aws.events.event.json>}',
    }
    told = json.loads(delivered({"InputTransformer": whole}))
    assert (told["it"], told["all"]["detail"]) == ("book-1", EVENT)
    assert json.loads(delivered({}))["detail"] == EVENT


UNREAD = ["$.detail.items[*].sku", "$.detail.items[-1]", "$.detail['items']", "$..sku", "$.detail.items[0:1]", "detail"]


@pytest.mark.parametrize("path", UNREAD)
def test_a_path_that_is_not_read_is_refused_whoever_makes_the_rule(engine, path):
    events, stacks = engine.client("events"), engine.client("cloudformation")
    name = f"unread-{UNREAD.index(path)}"
    events.put_rule(Name=name, EventPattern='{"source": ["any"]}')
    target = {"Id": "target", "Arn": "arn:aws:sqs:eu-central-1:000000000000:any"}
    for wrong in (transformer(path), {"InputPath": path}):
        with pytest.raises(ClientError, match="does not read this input path") as refused:
            events.put_targets(Rule=name, Targets=[{**target, **wrong}])
        assert path in str(refused.value)
        rule = {"EventPattern": {"source": ["any"]}, "Targets": [{**target, **wrong}]}
        template = {"Resources": {"Rule": {"Type": "AWS::Events::Rule", "Properties": rule}}}
        stack = f"{name}-{len(wrong.get('InputPath', ''))}"
        stacks.create_stack(StackName=stack, TemplateBody=json.dumps(template))
        with pytest.raises(Exception, match=r"ROLLBACK|CREATE_FAILED"):
            stacks.get_waiter("stack_create_complete").wait(
                StackName=stack, WaiterConfig={"Delay": 1, "MaxAttempts": 60}
            )


def sent(engine, version, values):
    """The mail that comes of a template with two placeholders; by SES's older or newer API."""
    ses, name = engine.client("ses"), f"mail-{version}-{abs(hash(json.dumps(values)))}"
    parts = {"SubjectPart": "{{a}} and {{ b }}", "TextPart": "a: {{a}}, b: {{b}}, none: {{c}}"}
    ses.create_template(Template={"TemplateName": name, **parts})
    ses.verify_email_identity(EmailAddress="shop@example.com")
    to, data = {"ToAddresses": [f"{name}@example.com"]}, json.dumps(values)
    if version == 1:
        ses.send_templated_email(Source="shop@example.com", Destination=to, Template=name, TemplateData=data)
    else:
        content = {"Template": {"TemplateName": name, "TemplateData": data}}
        engine.client("sesv2").send_email(FromEmailAddress="shop@example.com", Destination=to, Content=content)
    (mail,) = [each for each in Inside(ses.meta.endpoint_url).mails() if f"{name}@example.com" in str(each)]
    return mail


@pytest.mark.parametrize("version", [1, 2])
@pytest.mark.parametrize("values", [{"a": "{{b}}", "b": "x"}, {"b": "x", "a": "{{b}}"}, {"a": "{{{{b}}", "b": "{{a}}"}])
def test_a_value_that_looks_like_a_placeholder_stays_as_it_is(engine, version, values):
    mail = str(sent(engine, version, values))
    assert f"{values['a']} and {values['b']}" in mail
    assert f"a: {values['a']}, b: {values['b']}, none: " in mail

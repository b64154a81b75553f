"""The stack of a stage: one template for all stages."""

from troposphere import AWSObject, Equals, Output, Parameter, Ref, Template

from consumers.registry import consumers
from infrastructure.alarms import resources as alarm_resources
from infrastructure.alarms.alarms import alarms
from infrastructure.alarms.dashboard import Declared, dashboard
from infrastructure.alarms.resources import resource
from infrastructure.functions import functions
from infrastructure.resources import backup, bus, logs, mail, people, queues, secrets, tables, topics
from infrastructure.subscriptions import files as subscription_files
from infrastructure.subscriptions.resources import subscriptions
from tables.registry import TABLES


def template() -> Template:
    """Raises bus.PatternTooLong, or ValueError if two resources come to the same logical id."""
    stack = Template(Description="Orderwire: bus, queues, tables, topics and people of one stage")
    stack.set_version("2010-09-09")
    for parameter in parameters():
        stack.add_parameter(parameter)
    stack.add_condition("OnAws", Equals(Ref("Emulated"), "no"))
    stack.add_condition("Lasting", Equals(Ref("Lasts"), "yes"))
    for logical_id, condition in {**topics.conditions(), **alarm_resources.conditions()}.items():
        stack.add_condition(logical_id, condition)
    for each in resources():
        stack.add_resource(each)
    stack.add_output(Output("Bus", Description="Where other teams subscribe", Value=Ref("Bus")))
    return stack


def parameters() -> list[Parameter]:
    return [
        Parameter(
            "Stage",
            Type="String",
            AllowedPattern="^[a-z][a-z0-9]{0,11}$",
            Description="Part of every name, so that stages can share an account",
        ),
        yes_or_no("Emulated", "no", "yes leaves out what the emulator's CloudFormation does not know"),
        yes_or_no("Lasts", "yes", "yes protects tables and people from deletion"),
        Parameter(
            "HighValueTotal", Type="Number", Default=100, Description="From which total an order is of high value"
        ),
        *topics.addresses(),
        *alarm_resources.parameters(),
        Parameter("LogDays", Type="Number", Default=90, Description="How long the functions' logs are kept"),
    ]


def yes_or_no(logical_id: str, default: str, description: str) -> Parameter:
    return Parameter(logical_id, Type="String", AllowedValues=["yes", "no"], Default=default, Description=description)


def resources() -> list[AWSObject]:
    return [
        bus.bus(),
        bus.archive(),
        *(each for consumer in consumers() for each in queues.consumer(consumer)),
        *map(tables.table, TABLES),
        *topics.topics(),
        *subscriptions(subscription_files.in_house(), (consumer.name for consumer in consumers())),
        *backup.backup(),
        *mail.mail_templates(),
        *map(logs.log_group, functions()),
        logs.access_log(),
        *people.people(),
        *secrets.secrets(),
        *watch(),
    ]


def watch() -> list[AWSObject]:
    hearers, files, declared = list(consumers()), subscription_files.in_house(), list(functions())
    raised = list(alarms(hearers, files, declared, TABLES))
    return [*map(resource, raised), dashboard(Declared(hearers, files, declared, TABLES, raised))]

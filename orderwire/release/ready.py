"""What only a person can do in the account before the first order: verify the sender, have SES send to anybody, put the
provider's key in, confirm who reads the topics."""

from collections.abc import Iterator
from typing import Any

from edges.settings import Settings
from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell

PENDING = "PendingConfirmation"
"""What SNS calls a subscription that nobody has confirmed."""


def ready(client: ClientOf, stage: Stage, tell: Tell) -> None:
    """Tells what is missing. Raises Problem if that is more than mails in a stage that does not last."""
    settings = Settings.from_environment(stage.environment)
    without_key = list(missing_key(client("secretsmanager"), settings))
    without_sender = list(unverified(client("ses"), settings))
    blocking = [*without_key, *(without_sender if stage.lasting else [])]
    if blocking:
        raise Problem("\n".join(["The account is not ready:", *(f"- {each}" for each in blocking)]))
    remarks = [*without_sender, *unconfirmed(client, stage)]
    if not stage.emulated:
        remarks += in_sandbox(client("sesv2"))
    for remark in remarks:
        tell(remark)


def missing_key(secrets: Any, settings: Settings) -> Iterator[str]:
    """Whether there is a key, not which: who releases need not be able to read it. What is no key is refused where it
    is first used, by `orderwire reconcile` or a payment."""
    if settings.payment_provider == "stripe":
        name = settings.path("stripe-key")
        versions = secrets.describe_secret(SecretId=name).get("VersionIdsToStages", {})
        if not any("AWSCURRENT" in stages for stages in versions.values()):
            put = f"aws secretsmanager put-secret-value --secret-id {name} --secret-string file:///dev/stdin"
            yield f'no order can be paid: read -rs key; printf %s "$key" | {put}'


def domains(address: str) -> list[str]:
    """The address's domain and those above it but the top-level one: whoever verifies one may send for all below."""
    labels = address.split("@")[1].split(".")
    return [".".join(labels[start:]) for start in range(len(labels) - 1)]


def in_sandbox(ses: Any) -> Iterator[str]:
    if not ses.get_account()["ProductionAccessEnabled"]:
        yield "SES is in its sandbox: only verified addresses get mails, no customer does. Ask for production access"


def unconfirmed(client: ClientOf, stage: Stage) -> Iterator[str]:
    """Who was asked by SNS whether they want a topic's messages, and has not said yes."""
    sns, account = client("sns"), client("sts").get_caller_identity()["Account"]
    for topic, address in stage.readers.items():
        arn = f"arn:{sns.meta.partition}:sns:{sns.meta.region_name}:{account}:orderwire-{stage.name}-{topic}"
        pages = sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=arn)
        confirmed = {
            each["Endpoint"] for page in pages for each in page["Subscriptions"] if each["SubscriptionArn"] != PENDING
        }
        if address not in confirmed:
            yield f"{address} gets nothing of {topic} before the link in SNS's mail is followed"


def unverified(ses: Any, settings: Settings) -> Iterator[str]:
    sender = settings.mail_sender
    identities = [sender, *domains(sender)]
    found = ses.get_identity_verification_attributes(Identities=identities)["VerificationAttributes"]
    if not any(each["VerificationStatus"] == "Success" for each in found.values()):
        yield f"no mail can be sent as {sender}: aws ses verify-email-identity --email-address {sender}"

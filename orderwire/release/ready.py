"""What only a person can do in the account before the first order: verify the sender, put the provider's key in."""

from collections.abc import Callable, Iterator
from typing import Any

from edges.settings import Settings
from infrastructure.stages import Stage
from orderwire.problem import Problem
from orderwire.template_bucket import ClientOf

Tell = Callable[[str], None]


def ready(client: ClientOf, stage: Stage, tell: Tell) -> None:
    """Tells what is missing. Raises Problem if that is more than mails in a stage that does not last."""
    settings = Settings.from_environment(stage.environment)
    without_key = list(missing_key(client("secretsmanager"), settings))
    without_sender = list(unverified(client("ses"), settings))
    blocking = [*without_key, *(without_sender if stage.lasting else [])]
    if blocking:
        raise Problem("\n".join(["The account is not ready:", *(f"- {each}" for each in blocking)]))
    for remark in without_sender:
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


def unverified(ses: Any, settings: Settings) -> Iterator[str]:
    sender = settings.mail_sender
    identities = [sender, sender.split("@")[1]]
    found = ses.get_identity_verification_attributes(Identities=identities)["VerificationAttributes"]
    if not any(each["VerificationStatus"] == "Success" for each in found.values()):
        yield f"no mail can be sent as {sender}: aws ses verify-email-identity --email-address {sender}"

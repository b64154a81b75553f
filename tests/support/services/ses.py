"""SES in memory: keeps what was sent, goes wrong on request, and lets something else happen while a mail is sent."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from botocore.exceptions import ClientError, ReadTimeoutError

FINE, THROTTLED, LOST = "fine", "throttled", "lost"
"""What SES does with the next mail: takes it, puts it off, takes it with an answer that never comes."""


@dataclass
class FakeSES:
    """`refuses` maps a template's full name to SES's error code for it, with which it `says` why; `meanwhile` runs
    within each send."""

    faults: Any = ()
    refuses: dict[str, str] = field(default_factory=dict)
    says: str = "Email address is not verified"
    meanwhile: Callable[[], None] = lambda: None
    sent: list[dict[str, Any]] = field(default_factory=list)

    def with_faults(self, faults: Iterable[str]) -> "FakeSES":
        self.faults = iter(faults)
        return self

    def send_templated_email(self, **mail: Any) -> dict[str, str]:
        self.meanwhile()
        fault = next(iter(self.faults), FINE)
        if mail["Template"] in self.refuses:
            raise refusal(self.refuses[mail["Template"]], f"{self.says}: {mail['Destination']}")
        if fault == THROTTLED:
            raise refusal("Throttling", "Maximum sending rate exceeded.")
        self.sent.append(mail)
        if fault == LOST:
            raise ReadTimeoutError(endpoint_url="https://ses.test")
        return {"MessageId": f"mail-{len(self.sent)}"}

    @property
    def templates(self) -> list[str]:
        """The short names of the templates sent, in order."""
        return [mail["Template"].removeprefix("orderwire-test-") for mail in self.sent]


def refusal(code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, "SendTemplatedEmail")

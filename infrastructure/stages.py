"""The stages: what differs between them, and nothing else does."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from edges.settings import PREFIX, Settings
from infrastructure.names import title

LASTING_PYTHON = "3.13"
"""What stages that last are released with, and what GitHub's workflows set up. Lambda supports it until June 2029."""


@dataclass(frozen=True)
class Throttle:
    """What API Gateway lets through: `rate` requests a second over time, and `burst` of them at once."""

    rate: int
    burst: int


@dataclass(frozen=True)
class Stage:
    """`settings` are those of `edges.settings` that differ from their defaults, `aws` variables of boto3's own.

    `architecture` is Lambda's name of it; None means that of the machine that packages. `python` is the version that a
    release runs with and Lambda therefore too; None means any that Lambda has. `emulated` says that the stage lives in
    the embedded AWS; `lasting` protects what holds state from deletion; `traced` has X-Ray follow the functions; an
    order whose total is at least `high_value_total` is of high value; `readers` maps topics to the address that gets
    their messages. `throttle` bounds every method of the API, so that a flood stops before the account's functions do;
    `login_throttle` bounds how fast passwords can be tried.

    A `watched` stage has alarms and a dashboard. `quiet_minutes`, a multiple of five and a day's at most, is how long
    the shop may go without an order; None raises no alarm. `account_concurrency` is the account's limit of concurrent
    executions.
    """

    name: str
    architecture: str | None = "arm64"
    python: str | None = LASTING_PYTHON
    emulated: bool = False
    lasting: bool = True
    traced: bool = True
    log_days: int = 90
    high_value_total: int = 100
    throttle: Throttle = Throttle(rate=100, burst=200)
    login_throttle: Throttle = Throttle(rate=2, burst=10)
    watched: bool = True
    quiet_minutes: int | None = None
    account_concurrency: int = 1000
    readers: Mapping[str, str] = field(default_factory=dict)
    settings: Mapping[str, str] = field(default_factory=dict)
    aws: Mapping[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        """The environment of every function. Raises pydantic.ValidationError for a setting that is wrong."""
        given = {"stage": self.name, **self.settings}
        ours = {f"{PREFIX}{key.upper()}": value for key, value in given.items()}
        checked = Settings.from_environment(ours)
        metrics = {"POWERTOOLS_METRICS_DISABLED": "true"} if self.emulated else {}  # nobody there reads them in the log
        return {**ours, "POWERTOOLS_LOG_LEVEL": checked.log_level, **metrics, **self.aws}

    @property
    def parameters(self) -> dict[str, str]:
        """The stack's parameters."""
        return {
            "Stage": self.name,
            "Emulated": yes_no(self.emulated),
            "Lasts": yes_no(self.lasting),
            "LogDays": str(self.log_days),
            "HighValueTotal": str(self.high_value_total),
            "Alarms": yes_no(self.watched),
            "QuietPeriods": str(quiet_periods(self.quiet_minutes)),
            "MostConcurrency": str(self.account_concurrency * 8 // 10),
            **{title(topic, "email"): address for topic, address in self.readers.items()},
        }


def quiet_periods(minutes: int | None) -> int:
    """How many of the alarm's periods that is; 0 for no alarm. Raises ValueError for what CloudWatch does not take."""
    if minutes is not None and (minutes % 5 or not 5 <= minutes <= 1440):
        raise ValueError(f"quiet_minutes must be a multiple of 5, from 5 to 1440, not {minutes}")
    return (minutes or 0) // 5


def yes_no(value: bool) -> str:
    return "yes" if value else "no"


EMBEDDED_AWS = {
    "AWS_ENDPOINT_URL": "http://127.0.0.1:4566",
    "AWS_DEFAULT_REGION": "eu-central-1",
    "AWS_ACCESS_KEY_ID": "local",
    "AWS_SECRET_ACCESS_KEY": "local",
    "AWS_EC2_METADATA_DISABLED": "true",
}
"""Where `chalice local --stage local` finds what `make run` has started. Lambda would refuse these names."""

LOCAL = Stage(
    "local",
    architecture=None,
    python=None,
    emulated=True,
    lasting=False,
    traced=False,
    watched=False,
    log_days=1,
    settings={
        "retry_seconds": "1",
        "cors_origin": "*",
        "books": "open",
        "order_most_copies": "999",
        "most_unpaid_per_address": "100",
        "most_unpaid_per_customer": "100",
    },
    aws=EMBEDDED_AWS,
)
DEV = Stage("dev", python=None, lasting=False, watched=False, log_days=14, settings={"retry_seconds": "1"})
"""Somebody waits for what failed to be tried again."""

STAGING = Stage("staging", log_days=30)
"""As prod is, down to the protection, but for the money: the sandbox pays."""

PROD = Stage("prod", settings={"payment_provider": "stripe"})
"""Reads Stripe's key from the secret `/orderwire/prod/stripe-key`, which somebody has to put there."""

STAGES: Mapping[str, Stage] = {stage.name: stage for stage in (LOCAL, DEV, STAGING, PROD)}

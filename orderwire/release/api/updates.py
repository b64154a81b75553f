"""Waits while API Gateway applies a change to a REST API: for seconds, or for a quarter of an hour after one of TLS.
Requests are answered as before meanwhile, but API Gateway refuses deployments and other changes of the API.

docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-security-policies-update.html
"""

from collections.abc import Callable, Mapping
from time import sleep
from typing import Any

from infrastructure.stages import Stage
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.console.tell import Tell
from orderwire.release.api.owner import rest_api

AT_WORK = frozenset({"PENDING", "UPDATING"})
BETWEEN_LOOKS, MOST_LOOKS = 15.0, 160
"""Seconds; together forty minutes."""

Fields = Mapping[str, Any]
Wait = Callable[[float], None]


def finished(gateway: Any, api: str, tell: Tell, wait: Wait) -> Fields:
    """What GetRestApi says once API Gateway has done with the API. Raises Problem if that takes too long."""
    for look in range(MOST_LOOKS):
        found: Fields = gateway.get_rest_api(restApiId=api)
        if found.get("apiStatus") not in AT_WORK:
            return found
        if look == 0:
            tell(f"API Gateway is at work on the API {api}, for up to a quarter of an hour; it answers meanwhile")
        wait(BETWEEN_LOOKS)
    minutes = BETWEEN_LOOKS * MOST_LOOKS / 60
    raise Problem(f"API Gateway is at work on the API {api}, and has not finished in {minutes:g} minutes. Try later.")


def was_at_work(client: ClientOf, stage: Stage, tell: Tell, wait: Wait = sleep) -> bool:
    """Waits until API Gateway has finished with the stage's API, if there is one; returns whether it had to wait.
    Raises Problem."""
    api, waits = rest_api(client, stage), []

    def noted(seconds: float) -> None:
        waits.append(seconds)
        wait(seconds)

    if api is not None:
        finished(client("apigateway"), api, tell, noted)
    return bool(waits)


def in_its_time(change: Callable[[], None], was_working: Callable[[], bool]) -> None:
    """Makes a change that does not wait for API Gateway by itself. `was_working` waits, and returns whether it had to.

    The change's first part may keep API Gateway busy, so that it refuses the next; then the change is made once more.
    Raises Problem.
    """
    was_working()
    try:
        change()
    except Problem:
        if not was_working():
            raise
        change()

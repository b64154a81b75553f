"""How a Lambda function that is no consumer is declared; its policy and configuration are rendered from that."""

from dataclasses import dataclass

from edges.grants import Grant

API_HANDLER = "api_handler"
"""Chalice's name of the function that answers the API's requests."""

REDRIVE = "redrive"
"""Chalice's name of the function that sends dead letters back, which the API calls."""

SWEEP = "sweep"
"""Chalice's name of the function that runs every minute."""


@dataclass(frozen=True)
class Function:
    """`name` is Chalice's own name of the function; `timeout` in seconds, `memory` in MB, `grants` all it may do."""

    name: str
    timeout: int
    memory: int
    grants: tuple[Grant, ...]

    def lambda_name(self, stage: str) -> str:
        return name_in_lambda(self.name, stage)


def name_in_lambda(name: str, stage: str) -> str:
    """What Chalice calls a function of this name in Lambda; the API handler has no name of its own there."""
    return f"orderwire-{stage}" if name == API_HANDLER else f"orderwire-{stage}-{name}"

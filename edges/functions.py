"""How a Lambda function that is no consumer is declared; its policy and configuration are rendered from that."""

from dataclasses import dataclass

from edges.grants import Grant

API_HANDLER = "api_handler"
"""Chalice's name of the function that answers the API's requests."""


@dataclass(frozen=True)
class Function:
    """`name` is Chalice's own name of the function; `timeout` in seconds, `memory` in MB, `grants` all it may do."""

    name: str
    timeout: int
    memory: int
    grants: tuple[Grant, ...]

    def lambda_name(self, stage: str) -> str:
        """What Chalice calls the function in Lambda; the API handler has no name of its own there."""
        return f"orderwire-{stage}" if self.name == API_HANDLER else f"orderwire-{stage}-{self.name}"

"""How a Lambda function that is no consumer is declared; its policy and configuration are rendered from that."""

from dataclasses import dataclass

from edges.grants import Grant


@dataclass(frozen=True)
class Function:
    """`name` is Chalice's own name of the function; `timeout` in seconds, `memory` in MB, `grants` all it may do."""

    name: str
    timeout: int
    memory: int
    grants: tuple[Grant, ...]

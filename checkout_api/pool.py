"""The stage's Cognito pool, as the stack that made it wrote it down."""

from pydantic import BaseModel, ConfigDict

from edges.connect import Edges


class Pool(BaseModel):
    """The parameter `/orderwire/<stage>/cognito`. `issuer` is the `iss` of the pool's tokens."""

    model_config = ConfigDict(frozen=True)

    pool_id: str
    client_id: str
    issuer: str

    @classmethod
    def of(cls, edges: Edges) -> "Pool":
        return cls.model_validate_json(edges.parameter("cognito"))

"""The stage's Cognito pool, as the stack that made it wrote it down."""

from pydantic import BaseModel, ConfigDict

from edges.connect import Edges
from edges.grants import Grant, OnlyIf

LOG_IN = Grant(
    "cognito-idp",
    ("AdminInitiateAuth", "AdminRespondToAuthChallenge"),
    "userpool/*",
    only_if=(OnlyIf("aws:ResourceTag/orderwire", ("{stage}",)),),
)
"""May try names and passwords with the stage's pool. AWS makes up a pool's id, so the pool is known by its tag."""


class Pool(BaseModel):
    """The parameter `/orderwire/<stage>/cognito`. `issuer` is the `iss` of the pool's tokens."""

    model_config = ConfigDict(frozen=True)

    pool_id: str
    client_id: str
    issuer: str

    @classmethod
    def of(cls, edges: Edges) -> "Pool":
        return cls.model_validate_json(edges.parameter("cognito"))

"""The admins' authorizer: lets a request through whose token Cognito signed for an admin of this stage.

API Gateway asks it before it calls the API and keeps the answer for a token for a minute. The Lambda function is
`admin_authorizer` of this module; a cold start imports neither app.py nor the routes.

Why: docs/decisions/security.md
"""

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import cached_property
from typing import Any, Protocol

import jwt
from chalice.app import AuthRequest, AuthResponse, ChaliceAuthorizer
from jwt import PyJWK, PyJWKClient
from jwt.exceptions import PyJWKClientConnectionError, PyJWKSetError, PyJWTError

from checkout_api.pool import Pool
from edges.connect import Edges, connect
from edges.log import logger

NAME = "admin_authorizer"
ADMINS = "admins"
ACCESS = "access"
"""The kind of token that opens something."""
TTL = 60
"""Seconds that API Gateway keeps an answer; a token may be used that much longer than it lasts."""
PATIENCE = 4
"""Seconds that fetching the keys may take."""
NO_KEYS = (PyJWKClientConnectionError, PyJWKSetError)
"""Errors that say nothing about the token: the keys cannot be fetched, or the pool has none."""


class TokenRefused(Exception):
    """The token does not show that its bearer is an admin; the text says why and repeats nothing of it."""


class SigningKeys(Protocol):
    """The pool's public keys. Raises one of NO_KEYS if there are none to be had."""

    def get_signing_key_from_jwt(self, token: str) -> PyJWK: ...


Keys = Callable[[str], SigningKeys]
"""Where keys come from: the URL of a JWKS document -> its keys."""


def published_keys(url: str) -> SigningKeys:
    """The keys of a JWKS document, fetched when needed and kept for five minutes."""
    return PyJWKClient(url, timeout=PATIENCE)


class TokenVerifier:
    """Verifies tokens of one pool. `clock` returns the time."""

    def __init__(self, pool: Pool, keys: SigningKeys, clock: Callable[[], datetime]) -> None:
        self._pool, self._keys, self._clock = pool, keys, clock

    def admin(self, token: str) -> str:
        """The subject of an admin's token. Raises Refused, or one of NO_KEYS if the token cannot be checked now."""
        try:
            claims = self._signed_claims(token)
        except NO_KEYS:
            raise
        except PyJWTError as error:
            raise TokenRefused(type(error).__name__) from None
        if wrong := what_is_wrong(claims, self._pool.client_id, self._clock()):
            raise TokenRefused(wrong)
        return str(claims["sub"])

    def _signed_claims(self, token: str) -> dict[str, Any]:
        key = self._keys.get_signing_key_from_jwt(token)
        return jwt.decode(
            token,
            key,
            algorithms=["RS256"],
            issuer=self._pool.issuer,
            options={
                "require": ["exp", "iss", "sub", "token_use"],
                # against our clock and by the kind of token, in `what_is_wrong`
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
                "verify_aud": False,
            },
        )


def verifier_of(edges: Edges, keys: Keys) -> TokenVerifier:
    """The verifier of the stage's pool."""
    pool = Pool.of(edges)
    url = f"{edges.clients.cognito.meta.endpoint_url}/{pool.pool_id}/.well-known/jwks.json"
    return TokenVerifier(pool, keys(url), edges.clock.now)


def what_is_wrong(claims: Mapping[str, Any], client_id: str, now: datetime) -> str | None:
    """Why signed claims of the pool do not make an admin, or None. An id token says who somebody is and is given to
    whoever wants to know that; it opens nothing."""
    if claims["token_use"] != ACCESS:
        return "not an access token"
    if claims.get("client_id") != client_id:
        return "for another client"
    if not isinstance(claims["exp"], int) or claims["exp"] <= now.timestamp():
        return "expired"
    groups = claims.get("cognito:groups")
    if not isinstance(groups, list) or ADMINS not in groups:
        return "not of an admin"
    return None


class AdminAuthorizer:
    """Returns a policy for the whole API: allowed for an admin, denied for everybody else."""

    __name__ = NAME

    def __init__(self, edges: Callable[[], Edges], keys: Keys = published_keys) -> None:
        self._connect, self._keys = edges, keys

    @cached_property
    def _verifier(self) -> TokenVerifier:
        return verifier_of(self._connect(), self._keys)

    def __call__(self, request: AuthRequest) -> dict[str, Any]:
        """Raises if the pool or its keys are out of reach, which API Gateway answers with 500."""
        try:
            return policy(request, self._verifier.admin(bearer_token(request.token)), "Allow")
        except TokenRefused as error:
            logger(NAME).info("refused", extra={"reason": str(error)})
            return policy(request, "nobody", "Deny")


def bearer_token(header: str) -> str:
    """The token of an Authorization header. Raises Refused."""
    scheme, _, token = header.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise TokenRefused("not a bearer token")
    return token.strip()


def policy(request: AuthRequest, principal: str, effect: str) -> dict[str, Any]:
    """Chalice's own policy for every route, with this effect."""
    document: dict[str, Any] = AuthResponse(routes=["*"], principal_id=principal).to_dict(request)
    document["policyDocument"]["Statement"][0]["Effect"] = effect
    return document


admin_authorizer = ChaliceAuthorizer(NAME, AdminAuthorizer(connect))

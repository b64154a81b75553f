"""Who is an admin, asked inside the API's own function: where the answer to a wrong token must be ours."""

from functools import cached_property

from checkout_api.authorizer import Keys, TokenRefused, TokenVerifier, bearer_token, verifier_of
from checkout_api.http.problems import HttpProblem
from edges.connect import Edges


class Admins:
    """Verifies tokens as the authorizer does; the pool and its keys are read when first needed."""

    def __init__(self, edges: Edges, keys: Keys) -> None:
        self._edges, self._keys = edges, keys

    @cached_property
    def _verifier(self) -> TokenVerifier:
        return verifier_of(self._edges, self._keys)

    def require(self, authorization: str | None) -> str:
        """The Cognito subject of an Authorization header's admin.

        Raises Problem 401 without a header and 403 for a token that is not an admin's, as API Gateway would answer;
        one of `authorizer.NO_KEYS` if nobody can tell now.
        """
        if authorization is None:
            raise HttpProblem(401, "no-token", "This is for admins: the request has no Authorization header.")
        try:
            return self._verifier.admin(bearer_token(authorization))
        except TokenRefused as error:
            raise HttpProblem(403, "token-refused", f"The token cannot be accepted: {error}.") from None

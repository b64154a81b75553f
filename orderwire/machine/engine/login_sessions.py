"""The sessions of logins that are under way: good for one challenge, one user and three minutes, as in Cognito."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic
from typing import Any

SECONDS = 180
"""Cognito's own default for a client."""
KEPT_ELSEWHERE = frozenset({"CUSTOM_CHALLENGE", "PASSWORD_VERIFIER"})
"""Challenges whose sessions ministack keeps and checks itself."""

CognitoRequest = dict[str, Any]
CognitoAnswer = tuple[int, dict[str, str], bytes]
Operation = Callable[[CognitoRequest], CognitoAnswer]


@dataclass(frozen=True)
class Begun:
    """A login after the first step: `client` and `user` are whose it is."""

    client: str
    user: str
    challenge: str
    until: float


class LoginSessions:
    """`now` is in seconds."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._begun: dict[str, Begun] = {}

    def remembering(self, operation: Operation) -> Operation:
        """The same, but the session that it gives out is known from then on."""

        def remembered(request: CognitoRequest) -> CognitoAnswer:
            answer = operation(request)
            self._remember(request, answer)
            return answer

        return remembered

    def asking(self, operation: Operation, refused: CognitoAnswer) -> Operation:
        """The same for who has a session that was given out for this, used up by success; `refused` for others."""

        def asked(request: CognitoRequest) -> CognitoAnswer:
            if request.get("ChallengeName") not in KEPT_ELSEWHERE and not self._knows(request):
                return refused
            answer = operation(request)
            if answer[0] == 200:
                self._begun.pop(request.get("Session", ""), None)
            self._remember(request, answer)
            return answer

        return asked

    def _remember(self, request: CognitoRequest, answer: CognitoAnswer) -> None:
        said, now = json.loads(answer[2] or b"{}"), self._now()
        self._begun = {session: begun for session, begun in self._begun.items() if now < begun.until}
        session, challenge = said.get("Session"), said.get("ChallengeName")
        if answer[0] == 200 and session and challenge and challenge not in KEPT_ELSEWHERE:
            user = said.get("ChallengeParameters", {}).get("USER_ID_FOR_SRP", "")
            self._begun[session] = Begun(request.get("ClientId", ""), user, challenge, now + SECONDS)

    def _knows(self, request: CognitoRequest) -> bool:
        begun = self._begun.get(request.get("Session") or "")
        asked = (request.get("ClientId"), request.get("ChallengeResponses", {}).get("USERNAME"))
        return (
            begun is not None
            and self._now() < begun.until
            and (begun.client, begun.user) == asked
            and begun.challenge == request.get("ChallengeName")
        )

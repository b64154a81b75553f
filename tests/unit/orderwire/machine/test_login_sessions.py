"""Sessions of logins that are under way in the embedded AWS: what is given out once is good once, and not for ever."""

import json

from orderwire.machine.engine.login_sessions import SECONDS, LoginSessions

OVER = (400, {}, b'{"__type": "NotAuthorizedException"}')
DONE = (200, {}, b'{"AuthenticationResult": {}}')
WRONG = (400, {}, b'{"__type": "CodeMismatchException"}')
DUE = {"ChallengeName": "SOFTWARE_TOKEN_MFA", "Session": "s", "ChallengeParameters": {"USER_ID_FOR_SRP": "ada"}}
ANSWER = {
    "ClientId": "api",
    "ChallengeName": "SOFTWARE_TOKEN_MFA",
    "Session": "s",
    "ChallengeResponses": {"USERNAME": "ada"},
}


class Login:
    """A login that has begun, and what Cognito says to each answer."""

    def __init__(self, *said):
        self.now, self.asked = 0.0, []
        self.said = list(said)
        sessions = LoginSessions(lambda: self.now)
        sessions.remembering(lambda _: (200, {}, json.dumps(DUE).encode()))({"ClientId": "api"})
        self.answer = sessions.asking(self.hear, OVER)

    def hear(self, request):
        self.asked.append(request)
        return self.said.pop(0)


def test_a_wrong_code_may_be_mended_and_success_ends_the_session():
    login = Login(WRONG, DONE)
    assert [login.answer(ANSWER) for _ in range(3)] == [WRONG, DONE, OVER]


def test_a_session_is_over_after_its_time():
    login = Login(DONE)
    login.now = SECONDS
    assert login.answer(ANSWER) == OVER
    assert login.asked == []


def test_another_session_client_user_or_step_is_refused_without_asking():
    login = Login(DONE)
    changes = (
        {"Session": "t"}, {"Session": None}, {"ClientId": "other"}, {"ChallengeName": "NEW_PASSWORD_REQUIRED"},
        {"ChallengeName": "SMS_MFA"}, {"ChallengeName": "MFA_SETUP"}, {"ChallengeResponses": {"USERNAME": "bob"}},
    )  # fmt: skip
    assert [login.answer(ANSWER | change) for change in changes] == [OVER] * len(changes)
    assert login.asked == []
    assert login.answer(ANSWER) == DONE


def test_challenges_whose_sessions_the_engine_checks_itself_are_left_to_it():
    login = Login(WRONG)
    assert login.answer({**ANSWER, "ChallengeName": "CUSTOM_CHALLENGE", "Session": "its-own"}) == WRONG

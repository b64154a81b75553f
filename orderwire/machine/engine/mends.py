"""What ministack does otherwise than AWS, mended in its process: functions of its services are replaced, by name.

Its version is pinned; if a new one has other functions, the engine fails at its start. What it still does otherwise is
listed in docs/release.md.
"""

from pathlib import Path
from typing import Any

from orderwire.machine.engine.login_sessions import LoginSessions


def mend(temporary: Path) -> None:
    """`temporary` is the engine's own folder for what it needs for a while."""
    forget_queries()
    honour_filters()
    honour_sessions()
    keep_queries_in(temporary)


def forget_queries() -> None:
    """Keeps the answers to past queries out of the saved state: ministack cannot write all of their types, and would
    not save the rest of Athena's state then."""
    from ministack.services import athena

    whole = athena.get_state

    def without_answers() -> Any:
        state = whole()  # a copy
        state["_executions"].clear()
        return state

    athena.get_state = without_answers


def honour_filters() -> None:
    """Lets a replay enter at the rules that it names only, as EventBridge does: ministack keeps their list, and hands
    the events to every rule of the bus. What a rule passes on to another bus is for all rules there."""
    from ministack.services import eventbridge

    invoke = eventbridge._invoke_target

    def at_named_rules(target: Any, event: Any, rule: Any, view: Any = None) -> None:
        replay = eventbridge._replays.get(event.get("ReplayName")) or {}
        named = replay.get("Destination", {}).get("FilterArns")
        if not named or "_DispatchPath" in event or rule["Arn"] in named:
            invoke(target, event, rule, view)

    eventbridge._invoke_target = at_named_rules


def keep_queries_in(temporary: Path) -> None:
    """Lets the SQL of a query read and write what is laid out for it and no other file of this machine, and load
    nothing from elsewhere."""
    import duckdb

    connect, folder = duckdb.connect, str(temporary).replace("'", "''")

    def connect_inside(database: str = ":memory:") -> duckdb.DuckDBPyConnection:
        connection = connect(database)
        connection.execute(f"SET allowed_directories = ['{folder}']")
        connection.execute("SET enable_external_access = false")  # nothing sets either from here on
        return connection

    setattr(duckdb, "connect", connect_inside)  # noqa: B010


def honour_sessions() -> None:
    """Takes the answer to a challenge of Cognito's with the session of that challenge only: ministack takes any."""
    from ministack.services import cognito

    sessions = LoginSessions()
    for name in ("_admin_initiate_auth", "_initiate_auth"):
        setattr(cognito, name, sessions.remembering(getattr(cognito, name)))
    over = cognito.error_response_json("NotAuthorizedException", "Invalid session for the user.", 400)
    for name in ("_admin_respond_to_auth_challenge", "_respond_to_auth_challenge"):
        setattr(cognito, name, sessions.asking(getattr(cognito, name), over))

"""What ministack does otherwise than AWS, mended in its process: functions of its services are replaced, by name.

Its version is pinned; if a new one has other functions, the engine fails at its start. What it still does otherwise is
listed in docs/release.md.
"""

from pathlib import Path
from typing import Any

from orderwire.machine.engine.input_paths import at_path, indexed, unread_paths
from orderwire.machine.engine.login_sessions import LoginSessions
from orderwire.machine.engine.mail_templates import filled_in

NOT_READ = "The embedded AWS does not read this input path, though AWS may: {0}"


def mend(temporary: Path) -> None:
    """`temporary` is the engine's own folder for what it needs for a while."""
    forget_queries()
    honour_filters()
    honour_indices()
    refuse_unread_paths()
    fill_in_once()
    honour_sessions()
    change_a_stack_once_at_a_time()
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


class IndexedView:
    """An event as ministack hands it on, in which a step of a path may have indices."""

    def __init__(self, view: Any) -> None:
        self._view = view

    def event_with_detail(self) -> Any:
        return indexed(self._view.event_with_detail())

    def envelope(self) -> Any:
        return self._view.envelope()


def honour_indices() -> None:
    """Reads list elements in input paths, for which ministack writes nothing."""
    from ministack.services import eventbridge

    transform, invoke = eventbridge._apply_input_transformer, eventbridge._invoke_target

    def transform_with_indices(transformer: Any, rule: Any, view: Any) -> Any:
        return transform(transformer, rule, IndexedView(view))

    def invoke_with_indices(target: Any, event: Any, rule: Any, view: Any = None) -> None:
        path = target.get("InputPath") or ""
        if "[" in path and not target.get("InputTransformer") and not target.get("Input"):
            view = view or eventbridge._pattern_event_view(event)
            if found := at_path(view.event_with_detail(), path):
                target = {**target, "Input": found}
        invoke(target, event, rule, view)

    eventbridge._apply_input_transformer = transform_with_indices
    eventbridge._invoke_target = invoke_with_indices


def refuse_unread_paths() -> None:
    """Refuses a target with an input path of a form that is not read here, instead of leaving its place empty."""
    from ministack.services import eventbridge
    from ministack.services.cloudformation import provisioners

    put, of_stacks = eventbridge._put_targets, provisioners._RESOURCE_HANDLERS["AWS::Events::Rule"]
    create = of_stacks["create"]

    def put_known(request: Any) -> Any:
        if unread := unread_paths(request.get("Targets") or []):
            return eventbridge.error_response_json("ValidationException", NOT_READ.format(unread[0]), 400)
        return put(request)

    def create_known(logical_id: str, properties: Any, stack: str) -> Any:
        if unread := unread_paths(properties.get("Targets") or []):
            raise ValueError(NOT_READ.format(unread[0]))
        return create(logical_id, properties, stack)

    eventbridge._put_targets = put_known
    of_stacks["create"] = create_known


def fill_in_once() -> None:
    """Keeps a mail's values as they are where one looks like a placeholder: ministack fills what it has filled in."""
    from ministack.services import ses, ses_v2

    for service in (ses, ses_v2):
        assert service._render_template
        service._render_template = filled_in


def honour_sessions() -> None:
    """Takes the answer to a challenge of Cognito's with the session of that challenge only: ministack takes any."""
    from ministack.services import cognito

    sessions = LoginSessions()
    for name in ("_admin_initiate_auth", "_initiate_auth"):
        setattr(cognito, name, sessions.remembering(getattr(cognito, name)))
    over = cognito.error_response_json("NotAuthorizedException", "Invalid session for the user.", 400)
    for name in ("_admin_respond_to_auth_challenge", "_respond_to_auth_challenge"):
        setattr(cognito, name, sessions.asking(getattr(cognito, name), over))


def change_a_stack_once_at_a_time() -> None:
    """Refuses to carry out a change set while another one of its stack is being carried out: ministack does both at the
    same time."""
    from ministack.services.cloudformation import _stacks, changesets, handlers

    execute, operations = handlers._execute_change_set, handlers._ACTION_HANDLERS

    def execute_alone(parameters: Any) -> Any:
        _, asked = changesets._find_change_set(
            changesets._p(parameters, "ChangeSetName"), changesets._p(parameters, "StackName")
        )
        status = (_stacks.get((asked or {}).get("StackName")) or {}).get("StackStatus", "")
        if status.endswith("_IN_PROGRESS") and status != "REVIEW_IN_PROGRESS":
            told = f"Stack [{asked['StackName']}] is in {status} state and can not be updated."
            return changesets._error("ValidationError", told)
        return execute(parameters)

    operations["ExecuteChangeSet"] = execute_alone

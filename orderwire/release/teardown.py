"""Deletes what a release has made of a stage, and keeps what holds data unless that is named.

What stays, stays in the stage's stack. So nothing is orphaned: the next release finds its tables, bucket and keys where
they were and adds the rest, and what is named later goes by the same command.
"""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

from infrastructure.stack.template import template
from infrastructure.stages import Stage
from orderwire.cloudformation.changes import ResourceChange, losses
from orderwire.cloudformation.gap_filling import empty, gaps
from orderwire.cloudformation.stack import Review, Stack, Tell, stack_of
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem
from orderwire.release.deployed import Deployed, deployed
from orderwire.release.history import HistoryOf
from orderwire.release.keeping import Resources, costs, kept, named
from orderwire.release.packaging.package import delete
from orderwire.release.review import Show
from orderwire.subscriptions.deploying import deployed as subscribed
from orderwire.subscriptions.deploying import remove as unsubscribe


@dataclass(frozen=True)
class Plan:
    """What becomes of a stage: logical ids that go with their data and that stay, and what else is there. The
    subscriptions are those of other teams, if the bus goes."""

    deleted: frozenset[str]
    staying: frozenset[str]
    has_stack: bool
    functions: Deployed
    subscriptions: Sequence[str]


@dataclass(frozen=True)
class Teardown:
    """`names` are logical ids of what is deleted with its data, or `all`; `confirmed` is the stage's name, typed by
    somebody who knows that it is protected. `ask` raises Problem if nobody agrees."""

    client: ClientOf
    stage: Stage
    tell: Tell
    show: Show
    ask: Callable[[str], bool]
    names: Collection[str] = ()
    confirmed: str | None = None

    def go(self) -> None:
        """Raises Problem. What was deleted before a failure is deleted; the same command goes on."""
        require_confirmed(self.stage, self.confirmed)
        resources = template().to_dict()["Resources"]
        plan = self.plan(resources)
        if not plan.has_stack and not plan.functions:
            self.tell(f"there is nothing of stage {self.stage.name}")
            return
        self.explain(plan)
        self.ask(f"Tear down stage {self.stage.name}, with {len(plan.functions.functions)} functions?")
        self.carry_out(plan)
        for line in left(self.stage, costs(resources, plan.staying)):
            self.tell(line)

    def plan(self, resources: Resources) -> Plan:
        deleted = named(resources, self.names)
        staying = kept(resources, deleted)
        return Plan(
            deleted,
            staying,
            has_stack=self.stack(staying or deleted).find() is not None,
            functions=deployed(self.client, self.stage),
            subscriptions=sorted(subscribed(self.client, self.stage)) if "Bus" in deleted else [],
        )

    def explain(self, plan: Plan) -> None:
        """Raises Problem if the stack has what this checkout does not know."""
        if plan.subscriptions:
            self.tell(f"without a bus, the subscriptions of other teams go, too: {', '.join(plan.subscriptions)}")
        if not plan.staying:
            self.tell("the whole stack is deleted, with all data")
        elif plan.has_stack:
            guard = self.guard(plan.deleted)
            self.stack(plan.staying).apply(lambda changes: guard(changes) and not self.shown(changes))

    def carry_out(self, plan: Plan) -> None:
        if plan.functions:
            delete(self.client, self.stage, self.tell)
        for name in plan.subscriptions:
            unsubscribe(self.client, self.stage, name, self.tell)
        if plan.has_stack:
            self.shrink(plan.staying, plan.deleted)
        if self.stage.emulated:
            self.empty_gaps(plan.staying)
        HistoryOf(self.client, self.stage).forget()

    def shown(self, changes: Sequence[ResourceChange]) -> bool:
        self.show(changes)
        return True

    def shrink(self, staying: Collection[str], deleted: Collection[str]) -> None:
        """Takes the rest out of the stack. What a lasting stage protects is unprotected first, if it is to go."""
        if self.stage.lasting and deleted:
            unprotected = replace(self.stage, lasting=False)
            self.stack({*staying, *deleted}, unprotected).apply(self.guard(()))
        if "BackupBucket" in deleted:
            self.empty_bucket("BackupBucket")
        if staying:
            self.stack(staying).apply(self.guard(deleted))
        else:
            self.stack(deleted).delete()

    def stack(self, names: Collection[str], stage: Stage | None = None) -> Stack:
        """The stack with no other resources than these."""
        document = template()
        document.resources = {name: each for name, each in document.resources.items() if name in names}
        document.outputs = {}
        return stack_of(self.client, stage or self.stage, document, self.tell)

    def guard(self, deleted: Collection[str]) -> Review:
        def only_what_was_named(changes: Sequence[ResourceChange]) -> bool:
            lost = losses(changes, deleted)
            if lost:
                names = ", ".join(f"{change.logical_id} ({change.loses})" for change in lost)
                raise Problem(
                    f"The stack has what this checkout does not keep: {names}. Use the commit it was made of."
                )
            return True

        return only_what_was_named

    def empty_bucket(self, logical_id: str) -> None:
        """S3 deletes no bucket that holds something, in whatever version."""
        s3, name = self.client("s3"), f"orderwire-{self.stage.name}"
        found = self.client("cloudformation").describe_stack_resources(StackName=name, LogicalResourceId=logical_id)
        bucket = found["StackResources"][0]["PhysicalResourceId"]
        for page in s3.get_paginator("list_object_versions").paginate(Bucket=bucket):
            versions = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
            keys = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in versions]
            if keys:
                answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": keys, "Quiet": True})
                require_deleted(bucket, answer.get("Errors", []))
        self.tell(f"emptied {bucket}")

    def empty_gaps(self, staying: Collection[str]) -> None:
        for gap in gaps(self.client, self.stage):
            if gap.logical_id not in staying:
                empty(self.client, gap)


def require_confirmed(stage: Stage, confirmed: str | None) -> None:
    if stage.lasting and confirmed != stage.name:
        raise Problem(f"Stage {stage.name} is protected. Whoever means it says so: --confirm {stage.name}")


def require_deleted(bucket: str, errors: Sequence[dict[str, Any]]) -> None:
    if errors:
        raise Problem(f"{bucket} cannot be emptied: {errors[0]['Key']}: {errors[0].get('Message', errors[0]['Code'])}")


def left(stage: Stage, lines: Sequence[str]) -> list[str]:
    """What is still there, and what keeping it costs."""
    again = f"orderwire teardown {stage.name} --delete-data"
    kept_here = (
        [f"orderwire-{stage.name} keeps what holds data; the next release goes on with it:"]
        + [f"  {line}" for line in lines]
        + [f"Name what shall go too: {again} NAME, or {again} all"]
        if lines
        else [f"the stack orderwire-{stage.name} is gone"]
    )
    return [
        *kept_here,
        f"Left as well, at no cost to speak of: the schema registry orderwire-{stage.name}, and the bucket"
        " orderwire-templates-..., which all stages use.",
    ]

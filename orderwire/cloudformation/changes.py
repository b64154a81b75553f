"""What a CloudFormation change set would do, and what of it would lose data."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from infrastructure.holdings import ERASING, held_by

Document = Mapping[str, Any]

REFERENCES = frozenset({"ResourceReference", "ResourceAttribute"})
"""How one resource's change reaches another."""

DELETED = "DELETED"
"""What a change set that looks for drift says of a resource that somebody has deleted."""

NO, YES, PERHAPS, UNKNOWN, NOTHING_TO_REPLACE = "no", "yes", "perhaps", "not known", "-"


@dataclass(frozen=True)
class ResourceChange:
    """A row of the table that a release shows.

    `action` is CloudFormation's: Add, Modify, Remove, Import, Dynamic (it cannot tell), ... `replacement` says whether
    a modified resource is made anew: no, yes, perhaps, not known, or - where nothing could be. `why` says what differs,
    `erasing` which properties may take data away though the resource stays.
    """

    action: str
    logical_id: str
    type: str
    replacement: str
    why: str
    erasing: str = ""

    @property
    def loses(self) -> str | None:
        """What is gone or out of reach once this is done, if the resource holds data; None if nothing is."""
        in_place = (self.action, self.replacement) == ("Modify", NO)
        safe = self.action in {"Add", "Import", "SyncWithActual"} or (in_place and not self.erasing)
        return None if safe else held_by(self.type)

    @property
    def fate(self) -> str:
        """What becomes of the resource, for a sentence."""
        fates = {YES: "replaced", PERHAPS: "perhaps replaced", UNKNOWN: "perhaps replaced"}
        return "deleted" if self.action == "Remove" else fates.get(self.replacement, f"changed in {self.erasing}")


def changes_of(described: Iterable[Document], before: Document, after: Document) -> list[ResourceChange]:
    """The changes of a described change set (`Changes`, of every page), the dangerous ones last.

    `before` and `after` are the templates' resources by logical id: CloudFormation cannot tell whether a property that
    refers to something changes beyond that, but a property that reads the same in both templates does not.
    """
    resources = {each["ResourceChange"]["LogicalResourceId"]: each["ResourceChange"] for each in described}
    judge = Judge(resources, before, after)
    found = [
        made_again(name, each)
        if each.get("ResourceDriftStatus") == DELETED and each["Action"] != "Remove"
        else ResourceChange(
            each["Action"], name, each["ResourceType"], judge.replacement(name), why(each), judge.erasing(each)
        )
        for name, each in resources.items()
    ]
    return sorted(found, key=lambda change: (change.loses is not None, change.action, change.logical_id))


def made_again(name: str, change: Document) -> ResourceChange:
    """Of what is gone already nothing is left to lose."""
    return ResourceChange("Add", name, change["ResourceType"], NOTHING_TO_REPLACE, "somebody has deleted it")


def losses(changes: Iterable[ResourceChange], allowed: Collection[str]) -> list[ResourceChange]:
    """The changes that would lose data and that nobody has allowed by the resource's logical id."""
    return [change for change in changes if change.loses and change.logical_id not in allowed]


@dataclass(frozen=True)
class Judge:
    """Decides about replacements, with all resources of the change set at hand: a change may follow from another's."""

    resources: Mapping[str, Document]
    before: Document
    after: Document

    def replacement(self, name: str, asking: Sequence[str] = ()) -> str:
        """Whether the resource is made anew. `asking` are the resources whose fate hangs on it, so that two that
        refer to each other do not ask for ever."""
        change = self.resources[name]
        if change["Action"] != "Modify":
            return UNKNOWN if change["Action"] == "Dynamic" else NOTHING_TO_REPLACE
        said = {"True": YES, "False": NO, "Conditional": PERHAPS}.get(change.get("Replacement", ""), UNKNOWN)
        if said == PERHAPS and self.follows_from_what_stays(change, (*asking, name)):
            return NO
        return said

    def follows_from_what_stays(self, change: Document, asking: Sequence[str]) -> bool:
        """Whether all that might replace the resource are references to others that keep their identity."""
        recreating = [
            detail for detail in change.get("Details", ()) if detail["Target"].get("RequiresRecreation") != "Never"
        ]
        properties = {detail["Target"].get("Name", "") for detail in recreating}
        return bool(recreating) and all(
            self.reads_the_same(change["LogicalResourceId"], name)
            and self.has_only_harmless_causes([d for d in recreating if d["Target"].get("Name", "") == name], asking)
            for name in properties
        )

    def erasing(self, change: Document) -> str:
        """The changed properties that may take data away, unless they only refer to another resource, or a bucket only
        gets rid of rules."""
        name, dangerous = change["LogicalResourceId"], ERASING.get(change["ResourceType"], set())
        changed = dangerous & {detail["Target"].get("Name") for detail in change.get("Details", ())}
        safe = {each for each in changed if self.reads_the_same(name, each) or expires_no_more(*self.texts(name, each))}
        return ", ".join(sorted(changed - safe))

    def texts(self, resource: str, name: str) -> tuple[Any, Any]:
        """A property as the two templates write it, None where they do not."""
        old, new = (template.get(resource, {}).get("Properties", {}) for template in (self.before, self.after))
        return old.get(name), new.get(name)

    def reads_the_same(self, resource: str, name: str) -> bool:
        old, new = self.texts(resource, name)
        return old is not None and bool(old == new)

    def has_only_harmless_causes(self, details: Sequence[Document], asking: Sequence[str]) -> bool:
        """`details` are those of one property. Next to a reference CloudFormation names the property itself, as if it
        might have been edited; `reads_the_same` knows better."""
        causes = [detail for detail in details if detail.get("ChangeSource") != "DirectModification"]
        return bool(causes) and all(self.stays(detail, asking) for detail in causes)

    def stays(self, detail: Document, asking: Sequence[str]) -> bool:
        """Whether what the detail refers to is what it was. A resource that is not replaced keeps its id and ARN."""
        cause, _, attribute = detail.get("CausingEntity", "").partition(".")
        if detail.get("ChangeSource") not in REFERENCES or attribute not in {"", "Arn"} or cause in asking:
            return False
        return cause not in self.resources or self.replacement(cause, asking) == NO


def expires_no_more(old: Any, new: Any) -> bool:
    """Of a bucket's two LifecycleConfigurations: whether each rule that deletes something in the new one was there."""
    if not (isinstance(old, Mapping) and isinstance(new, Mapping) and "Rules" in new):
        return False
    return all(rule in old.get("Rules", ()) for rule in new["Rules"] if any("Expiration" in name for name in rule))


def why(change: Document) -> str:
    """What differs, for example `Properties.Tags, Properties.TopicArn (by AdminAlertsTopic)`."""
    found: dict[str, str] = {}
    for detail in change.get("Details", ()):
        target, cause = detail["Target"], detail.get("CausingEntity")
        name = ".".join(filter(None, (target["Attribute"], target.get("Name"))))
        found[name] = f"{name} (by {cause})" if cause else found.get(name, name)
    words = {"Remove": "no longer declared", "Add": "new", "Import": "exists already"}
    return ", ".join(found.values()) or words.get(change["Action"], "-")

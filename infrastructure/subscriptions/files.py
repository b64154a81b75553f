"""Reads the files of subscriptions/. Each is checked against the contracts before anything is rendered."""

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any

from eventbridge_rules.spelling import nearest
from pydantic import ValidationError

from infrastructure.subscriptions.checks import problems
from infrastructure.subscriptions.folder import HOME, paths_in
from infrastructure.subscriptions.model import MODELS, SubscriptionFile, SubscriptionRefused
from infrastructure.subscriptions.pasted import OF_AN_EVENT, pasted
from infrastructure.subscriptions.yaml_or_json import Unreadable, document_of, text_of
from schemas.parse import json_pointer, pointed

LONGEST_NAME = 34
"""Characters of a file's name: a rule has 64, with those of the longest stage and of what is put around both."""

MOST_FAULTS = 20
"""Of a file's form that a refusal names."""

_LETTERS = re.compile("[a-z][a-z0-9-]*")


def load(home: Path = HOME) -> list[SubscriptionFile]:
    """Every file of the folder, by name. Raises SubscriptionRefused."""
    return [read_named(path) for path in paths_in(home)]


def read_named(path: Path) -> SubscriptionFile:
    """Raises SubscriptionRefused, also for a file of the folder that has another ending than all others."""
    if path.suffix != ".yaml":
        raise SubscriptionRefused(f"{path.name}: must end in .yaml, as all of subscriptions/ do: {path.stem}.yaml")
    return read(path)


def load_each(home: Path = HOME) -> tuple[list[SubscriptionFile], dict[str, str]]:
    """The files of the folder that are right, and the name of each other with the reason why it is refused."""
    files, refused = list[SubscriptionFile](), dict[str, str]()
    for path in paths_in(home):
        try:
            files.append(read_named(path))
        except SubscriptionRefused as error:
            refused[path.stem] = str(error)
    return files, refused


def in_house(home: Path = HOME) -> list[SubscriptionFile]:
    """Those that end at the stage's own topics. Raises SubscriptionRefused."""
    return [file for file in load(home) if file.topic]


def read(path: Path) -> SubscriptionFile:
    """The checked subscription of a file, which is named after it."""
    try:
        document = document_of(text_of(path))
    except Unreadable as error:
        raise SubscriptionRefused(f"{path.name}: {error}") from None
    faults = [*name_faults(path.stem)]
    if instead := "must hold a mapping" if not isinstance(document, dict) else pasted(document):
        raise SubscriptionRefused(f"{path.name}: {'; '.join([*faults, instead])}")
    file, more = modelled(document, path.stem)
    faults += [*stray_faults(document), *more]
    if not file or faults:
        raise SubscriptionRefused(f"{path.name}: {'; '.join(faults[:MOST_FAULTS])}")
    return file


def modelled(document: dict[str, Any], name: str) -> tuple[SubscriptionFile | None, list[str]]:
    """The subscription, or None if the document has another form, and what is wrong with it."""
    try:
        file = SubscriptionFile.model_validate({**document, "name": name})
    except ValidationError as error:
        faults = islice(pointed(error), MOST_FAULTS)
        return None, [f"{pointer or '/'}: {message}{hint(pointer)}" for pointer, message in faults]
    return file, [*islice(found(file), MOST_FAULTS)]


def found(file: SubscriptionFile) -> Iterator[str]:
    try:
        yield from problems(file)
    except SubscriptionRefused as error:
        yield str(error)


def name_faults(name: str) -> Iterator[str]:
    """What is wrong with a file's name, without its ending."""
    if len(name) > LONGEST_NAME:
        yield f"its name has {len(name)} characters, and a rule's may have {LONGEST_NAME}"
    if not _LETTERS.fullmatch(name):
        better = re.sub("[^a-z0-9]+", "-", name.lower()).strip("-0123456789")[:LONGEST_NAME].strip("-")
        example = f", such as {better}" if better else ""
        yield f"its name must have small letters, digits and hyphens only, a letter first{example}"


def stray_faults(document: dict[str, Any]) -> Iterator[str]:
    """What a file must not hold, wherever it is."""
    if "name" in document:
        yield "/name: there is no such field: a rule is called as its file is"
    for pointer in dynamic_references(document):
        yield f"{pointer}: must not have {{{{ in it: CloudFormation would put a secret or a parameter there"


def dynamic_references(document: Any, place: tuple[int | str, ...] = ()) -> Iterator[str]:
    """JSON pointers to the texts, names included, in which CloudFormation would look for `{{resolve:...}}`."""
    if isinstance(document, dict):
        for name, value in document.items():
            yield from dynamic_references(str(name), (*place, str(name)))
            yield from dynamic_references(value, (*place, str(name)))
    elif isinstance(document, list):
        for index, value in enumerate(document):
            yield from dynamic_references(value, (*place, index))
    elif isinstance(document, str) and "{{" in document:
        yield json_pointer(place)


def hint(pointer: str) -> str:
    """What to do about a field that is not there: where it belongs, or which may have been meant."""
    if pointer.removeprefix("/") in OF_AN_EVENT:
        return ": it is part of the pattern: put it under pattern:"
    name, known = pointer.rpartition("/")[2], {field for model in MODELS for field in model.model_fields} - {"name"}
    near = nearest(name, sorted(known), 0.6)
    return f"; did you mean {near}?" if near and name not in known else ""

"""Reads the files of subscriptions/. Each is checked against the contracts before anything is rendered."""

import re
from collections.abc import Iterator
from difflib import get_close_matches
from itertools import islice
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from infrastructure.subscriptions.checks import problems
from infrastructure.subscriptions.folder import HOME, paths_in
from infrastructure.subscriptions.model import MODELS, SubscriptionFile, SubscriptionRefused
from infrastructure.subscriptions.yaml_or_json import Unreadable, document_of, text_of
from schemas.parse import json_pointer, pointed

LONGEST_NAME = 34
"""Characters of a file's name: a rule has 64, with those of the longest stage and of what is put around both."""

MOST_FAULTS = 20
"""Of a file's form that a refusal names."""

_NAME = re.compile(f"[a-z][a-z0-9-]{{0,{LONGEST_NAME - 1}}}")


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
    if not isinstance(document, dict) or not _NAME.fullmatch(path.stem):
        raise SubscriptionRefused(
            f"{path.name}: must hold a mapping and be named in small letters and hyphens, {LONGEST_NAME} at most"
        )
    for pointer in dynamic_references(document):
        raise SubscriptionRefused(
            f"{path.name}: {pointer}: must not have {{{{ in it: CloudFormation would put a secret or a parameter there"
        )
    try:
        file = SubscriptionFile.model_validate({**document, "name": path.stem})
    except ValidationError as error:
        faults = list(islice(pointed(error), MOST_FAULTS))
        places = "; ".join(f"{pointer or '/'}: {message}{hint(pointer)}" for pointer, message in faults)
        raise SubscriptionRefused(f"{path.name}: {places}") from None
    for problem in problems(file):
        raise SubscriptionRefused(f"{path.name}: {problem}")
    return file


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
    """The field of a file that may have been meant by the one at this place, which has another name."""
    name, known = pointer.rpartition("/")[2], {field for model in MODELS for field in model.model_fields}
    near = get_close_matches(name, known - {name}, 1)
    return f"; did you mean {near[0]}?" if near and name not in known else ""

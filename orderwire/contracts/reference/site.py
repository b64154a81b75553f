"""Writes the site: an index, a page per event, its styles, the AsyncAPI document and the JSON Schemas."""

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consumers.registry import consumers
from infrastructure.subscriptions.files import load
from infrastructure.subscriptions.model import SubscriptionFile
from orderwire.console.problem import Problem
from orderwire.contracts.reference import asyncapi, saga
from orderwire.contracts.reference.events import EventPage, in_order, page
from orderwire.contracts.reference.rules import rules
from orderwire.workplace.home import ROOT
from schemas import generate

TEMPLATES = Path(__file__).parent / "templates"
SIGN = "asyncapi.json"
"""The file by which a folder is known as such a site."""

STYLES = (ROOT / "checkout_api/pages/shared/base.css", TEMPLATES / "reference.css")


@dataclass(frozen=True)
class Told:
    """A file of subscriptions/ as the index shows it: `events` are the pages of what it hears."""

    file: SubscriptionFile
    events: tuple[EventPage, ...]


def write(folder: Path) -> list[Path]:
    """Writes the site into `folder`, in place of one that is there; returns its pages. Raises Problem."""
    if folder.exists() and not is_replaceable(folder):
        raise Problem(f"{folder} is no site of events, and would be deleted: name another folder.")
    put(folder, rendered())
    return sorted(folder.glob("*.html"))


def is_replaceable(folder: Path) -> bool:
    """Whether nothing is there but a site of ours."""
    return folder.is_dir() and (SIGN in {each.name for each in folder.iterdir()} or not any(folder.iterdir()))


def put(folder: Path, texts: Mapping[str, str]) -> None:
    """What is there stays until all of it is written."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as beside:
        new = Path(beside) / "site"
        new.mkdir()
        for name, text in texts.items():
            (new / name).write_text(text, encoding="utf-8")
        for style in STYLES:
            shutil.copyfile(style, new / style.name)
        generate.put(new / "json", generate.rendered())
        generate.put(new / "delivered", generate.rendered_delivered())
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)


def rendered() -> dict[str, str]:
    """File name -> text."""
    hearers, files = list(consumers()), load()
    pages = [page(contract, hearers, files) for contract in in_order()]
    told = [Told(file, tuple(each for each in pages if each.contract in file.contracts)) for file in files]
    templates = environment()
    index = templates.get_template("index.html").render(
        pages=pages,
        told=told,
        boxes={each.name: each for each in pages},
        saga=saga,
    )
    return {
        "index.html": index,
        SIGN: asyncapi.rendered(),
        **{
            each.file: templates.get_template("event.html").render(
                page=each, pages=pages, rules=rules(each.contract, each.fields)
            )
            for each in pages
        },
    }


def environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )

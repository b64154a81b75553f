"""Writes the site: an index, a page per event, its styles, the AsyncAPI document and the JSON Schemas."""

import shutil
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from consumers.registry import subscriptions
from infrastructure.render import ROOT
from infrastructure.subscription_files import SubscriptionFile, load
from orderwire.reference import asyncapi, saga
from orderwire.reference.events import EventPage, in_order, page
from orderwire.reference.rules import rules
from schemas.generate import HOME as SCHEMAS

TEMPLATES = Path(__file__).parent / "templates"
STYLES = (ROOT / "checkout_api/pages/base.css", TEMPLATES / "reference.css")


@dataclass(frozen=True)
class Told:
    """A file of subscriptions/ as the index shows it: `events` are the pages of what it hears."""

    file: SubscriptionFile
    events: tuple[EventPage, ...]


def write(folder: Path) -> list[Path]:
    """Writes the site into `folder`, in place of one that is there; answers its pages."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(dir=folder.parent) as beside:  # what is there stays until all of this is written
        new = Path(beside) / "site"
        new.mkdir()
        for name, text in rendered().items():
            (new / name).write_text(text)
        for style in STYLES:
            shutil.copyfile(style, new / style.name)
        shutil.copytree(SCHEMAS, new / "json")
        shutil.rmtree(folder, ignore_errors=True)
        new.rename(folder)
    return sorted(folder.glob("*.html"))


def rendered() -> dict[str, str]:
    """File name -> text."""
    consumers, files = list(subscriptions()), load()
    pages = [page(contract, consumers, files) for contract in in_order()]
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
        "asyncapi.json": asyncapi.rendered(),
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

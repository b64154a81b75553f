"""Makes the engine's account ready: the stack, who sends mails and who reads topics, the local admin, a catalog.

Every step finds out what is there already, so that a second start does next to nothing and an aborted one is taken up.
"""

from pathlib import Path

from infrastructure.stack.template import template
from infrastructure.stack.text import as_body
from infrastructure.subscriptions.files import load
from orderwire.cloudformation.stack import bring_up
from orderwire.console.tell import Tell
from orderwire.machine.engine.admin import create_admin
from orderwire.operate.catalog import import_products
from orderwire.subscriptions.deploying import deploy_all
from orderwire.subscriptions.readers import subscribe_readers
from orderwire.workplace.home import Home
from orderwire.workplace.samples import load_catalog
from orderwire.workplace.stage import Target
from tables.catalog import Catalog


def provision(target: Target, home: Home, catalog: Path, tell: Tell) -> None:
    """`tell` gets each step in a few words. Raises Problem if the stack fails, SampleError for a bad file."""
    tell("bringing up the stack")
    bring_up(target.client, target.stage, as_body(template()), lambda _: None)
    edges = target.edges
    edges.clients.ses.verify_email_identity(EmailAddress=edges.settings.mail_sender)
    subscribe_readers(edges, target.client("sns"))
    deploy_all(target.client, target.stage, load(), lambda _: None)
    create_admin(edges, home)
    if next(Catalog(edges).scan(), None) is None:
        tell("importing the catalog")
        import_products(edges, load_catalog(catalog))

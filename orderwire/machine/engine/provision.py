"""Makes the engine's account ready: the stack, who sends mails and who reads topics, the local admin, a catalogue.

Every step finds out what is there already, so that a second start does next to nothing and an aborted one is taken up.
"""

import json
from contextlib import suppress
from pathlib import Path

from checkout_api.authorizer import ADMINS
from edges.connect import Edges
from infrastructure.subscriptions.files import load
from orderwire.cloudformation.stack import bring_up
from orderwire.console.tell import Tell
from orderwire.operate.catalog import import_products
from orderwire.subscriptions.deploying import deploy_all
from orderwire.subscriptions.readers import subscribe_readers
from orderwire.workplace.home import Home, Login
from orderwire.workplace.samples import load_catalogue
from orderwire.workplace.stage import Target
from tables.catalog import Catalog

ADMIN = "admin"


def provision(target: Target, home: Home, catalogue: Path, tell: Tell) -> None:
    """`tell` gets each step in a few words. Raises Problem if the stack fails, SampleError for a bad file."""
    tell("bringing up the stack")
    bring_up(target.client, target.stage, lambda _: None)
    edges = target.edges
    edges.clients.ses.verify_email_identity(EmailAddress=edges.settings.mail_sender)
    subscribe_readers(edges, target.client("sns"))
    deploy_all(target.client, target.stage, load(), lambda _: None)
    create_admin(edges, home)
    if next(Catalog(edges).scan(), None) is None:
        tell("importing the catalogue")
        import_products(edges, load_catalogue(catalogue))


def create_admin(edges: Edges, home: Home) -> None:
    """Makes sure that the login in `home` is an admin's; the password is drawn once and stays."""
    login = home.admin() or new_login(edges, home)
    pool = json.loads(edges.parameter("cognito"))["pool_id"]
    cognito = edges.clients.cognito
    with suppress(cognito.exceptions.UsernameExistsException):  # an earlier start may have been cut off here
        cognito.admin_create_user(UserPoolId=pool, Username=login.username, MessageAction="SUPPRESS")
    cognito.admin_set_user_password(UserPoolId=pool, Username=login.username, Password=login.password, Permanent=True)
    cognito.admin_add_user_to_group(UserPoolId=pool, Username=login.username, GroupName=ADMINS)


def new_login(edges: Edges, home: Home) -> Login:
    """Random, with one character of each kind that the pool's policy asks for."""
    login = Login(ADMIN, f"Aa1-{edges.chance.token()}")
    home.keep_admin(login)
    return login

"""The first release into an empty account, as a team would make it."""

from edges.clients import PATIENT, Clients
from edges.connect import Edges
from infrastructure.names import API_STAGE
from infrastructure.stages import DEV
from orderwire.console.problem import Problem
from orderwire.machine.engine.admin import create_admin
from orderwire.release.api.owner import rest_api
from orderwire.stories.demo.shop import Shop
from orderwire.stories.rehearsal.checkout import Checkout
from orderwire.stories.rehearsal.steps import Steps
from orderwire.workplace.home import Home
from orderwire.workplace.stage import Target, settings_of

STAGE = DEV
CATALOG = "samples/catalog.csv"


def first_release(checkout: Checkout, steps: Steps) -> Shop:
    """Returns the shop, with an admin and a catalog. Raises Problem."""
    with steps.step("releasing"):
        Clients(checkout.account, PATIENT).ses.verify_email_identity(EmailAddress=settings_of(STAGE).mail_sender)
        checkout.orderwire("release", STAGE.name, "--yes")
    with steps.step("opening the shop"):
        return open_shop(checkout, rest_api(checkout.account.client, STAGE))


def open_shop(checkout: Checkout, api: str | None) -> Shop:
    """With an admin, whose login is kept next to the checkout, and the catalog. Raises Problem."""
    if api is None:
        raise Problem("No REST API may call the deployed API handler.")
    account = checkout.account
    edges, home = Edges(settings_of(STAGE), Clients(account, PATIENT)), Home(checkout.path.parent)
    create_admin(edges, home)
    checkout.orderwire("catalog", "import", CATALOG, "--stage", STAGE.name)
    login = home.admin()
    assert login is not None  # just created
    url = account.api(api, API_STAGE)
    return Shop(Target(STAGE, edges, account.client, url), account.endpoint, url, login, account.certificate)

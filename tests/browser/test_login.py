"""What a login may ask for besides name and password: a password of one's own, the code of an authenticator app."""

import json
from typing import Any
from uuid import uuid4

import pyotp
import pytest
from playwright.sync_api import Route, expect

from orderwire.workplace.home import Login
from tests.support.checkout_api.tokens import logged_in
from tests.support.pages.axe import Axe
from tests.support.pages.shop_pages import Shop

FIRST, OWN = "First-horse-1", "Better-horse-22"


@pytest.fixture
def cognito(shop: Shop) -> Any:
    return shop.edges.clients.cognito


def pool(shop: Shop) -> dict[str, str]:
    found: dict[str, str] = json.loads(shop.edges.parameter("cognito"))
    return found


def new_admin(shop: Shop, cognito: Any) -> Login:
    """Has a temporary password."""
    login = Login(f"admin-{uuid4().hex[:8]}", FIRST)
    user = {"UserPoolId": pool(shop)["pool_id"], "Username": login.username}
    cognito.admin_create_user(**user, TemporaryPassword=login.password, MessageAction="SUPPRESS")
    cognito.admin_add_user_to_group(**user, GroupName="admins")
    return login


def register_app(shop: Shop, cognito: Any, login: Login) -> str:
    """The secret of the app that the admin has from now on."""
    user = {"UserPoolId": pool(shop)["pool_id"], "Username": login.username}
    cognito.admin_set_user_password(**user, Password=login.password, Permanent=True)
    found = pool(shop)
    tokens = logged_in(cognito, found["pool_id"], found["client_id"], login.username, login.password)
    bearer = tokens["AccessToken"]
    secret = str(cognito.associate_software_token(AccessToken=bearer)["SecretCode"])
    cognito.verify_software_token(AccessToken=bearer, UserCode=pyotp.TOTP(secret).now())
    return secret


def test_a_new_admin_chooses_a_password_and_is_in(shop: Shop, cognito: Any, axe: Axe) -> None:
    login = new_admin(shop, cognito)
    shop.page.goto(f"{shop.url}/admin")
    shop.give(login.username, login.password)
    chosen = shop.page.get_by_label("New password")
    expect(chosen).to_be_focused()
    assert axe.problems(shop.page) == []
    chosen.fill(OWN)
    shop.page.get_by_role("button", name="Use this password").click()
    expect(shop.heading).to_have_text("Orders")


def test_an_admin_with_an_authenticator_app_is_asked_for_its_code(shop: Shop, cognito: Any, axe: Axe) -> None:
    login = new_admin(shop, cognito)
    secret = register_app(shop, cognito, login)
    shop.page.goto(f"{shop.url}/admin")
    shop.give(login.username, login.password)
    digits = shop.page.get_by_label("Code")
    expect(digits).to_be_focused()
    assert axe.problems(shop.page) == []
    digits.fill(f"{(int(pyotp.TOTP(secret).now()) + 1) % 1_000_000:06}")
    shop.page.get_by_role("button", name="Log in").click()
    expect(shop.page.get_by_role("alert")).to_have_text("The code is wrong, or its time is over.")
    digits.fill(pyotp.TOTP(secret).now())
    shop.page.get_by_role("button", name="Log in").click()
    expect(shop.heading).to_have_text("Orders")


def test_a_login_that_took_too_long_begins_again(shop: Shop, cognito: Any) -> None:
    login = new_admin(shop, cognito)
    over = {"type": "urn:orderwire:problem:login-over", "detail": "This login is over."}
    shop.page.route("**/admin/login/new-password", lambda route: route.fulfill(status=401, json=over))
    shop.page.goto(f"{shop.url}/admin")
    shop.give(login.username, login.password)
    shop.page.get_by_label("New password").fill(OWN)
    shop.page.get_by_role("button", name="Use this password").click()
    expect(shop.page.get_by_role("status").filter(has_text="This login is over.")).to_be_visible()
    expect(shop.page.get_by_label("Username")).to_be_focused()


def test_an_admin_who_has_to_have_an_app_is_shown_its_key_and_let_in_with_its_code(shop: Shop, axe: Axe) -> None:
    """As in a stage that lasts. The embedded AWS asks nobody for it, so the API's answers are made up."""
    secret, sent = pyotp.random_base32(), []
    due = {"type": "urn:orderwire:problem:authenticator-due", "session": "s" * 20, "secret": secret}
    login = {"username": shop.login.username, "password": shop.login.password}
    token = shop.api.request("POST", "/admin/login", login).require_ok()

    def answer(route: Route) -> None:
        sent.append(route.request.post_data_json)
        route.fulfill(status=200, json=token)

    shop.page.route("**/admin/login", lambda route: route.fulfill(status=403, json=due))
    shop.page.route("**/admin/login/authenticator", answer)
    shop.page.goto(f"{shop.url}/admin")
    shop.give("ada lovelace&co", FIRST)
    digits = shop.page.get_by_label("Code")
    expect(digits).to_be_focused()
    assert shop.page.locator("code").inner_text().replace(" ", "") == secret
    link = pyotp.parse_uri(str(shop.page.get_by_role("link", name="Open an app on this device").get_attribute("href")))
    assert (link.secret, link.name, link.issuer) == (secret, "ada lovelace&co", "Orderwire")
    assert axe.problems(shop.page) == []
    digits.fill("271828")
    shop.page.get_by_role("button", name="Log in").click()
    expect(shop.heading).to_have_text("Orders")
    assert sent == [{"username": "ada lovelace&co", "session": "s" * 20, "code": "271828"}]

"""The pages and their files as the API serves them."""

import json
import re
from collections import Counter
from html import unescape
from typing import get_args

import pytest

from checkout_api.http.shapes import AdminDecision
from checkout_api.http.static_files import FOLDER, StaticFiles
from tests.support.checkout_api.api import Api, running_api
from tests.support.checkout_api.lambda_events import api_event


@pytest.fixture(scope="module")
def api():
    with running_api(shipping_fee="4.50", currency="USD") as api:
        yield api


def get(api: Api, path: str):
    answer = api.client.http.get(path)
    return answer.status_code, answer.headers, answer.body.decode()


@pytest.mark.parametrize("path", ["/", "/admin"])
def test_a_page_lets_nothing_run_but_files_of_ours(api, path):
    status, headers, html = get(api, path)
    assert status == 200
    assert headers["Content-Type"] == "text/html; charset=utf-8"
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == "'self'"
    assert "unsafe" not in headers["Content-Security-Policy"]
    assert not re.search(r"<script(?![^>]* src=)|<style|\son\w+=|\sstyle=", html)


@pytest.mark.parametrize("path", ["/", "/admin"])
def test_everything_a_page_names_is_served_and_every_address_is_relative(api, path):
    _, _, html = get(api, path)
    for address in re.findall(r'(?:href|src)="([^"#]*)"', html):
        assert not address.startswith("/")
        assert ":" not in address
        if address.startswith("assets/"):
            assert get(api, f"/{address}")[0] == 200


def imports(name: str) -> list[str]:
    """The modules that a module imports, as `folder/name`."""
    path = FOLDER / name
    found = re.findall(r'from "(.*?)"', path.read_text())
    return [(path.parent / each).resolve().relative_to(FOLDER).as_posix() for each in found]


def loaded_by(name: str) -> set[str]:
    """All modules that a module brings with it, itself among them."""
    seen, open_ = set(), [name]
    while open_:
        if (each := open_.pop()) not in seen:
            seen.add(each)
            open_ += imports(each)
    return seen


MODULES = sorted(path.relative_to(FOLDER).as_posix() for path in FOLDER.rglob("*.js"))
USES = {"shop": {"shop", "shared"}, "admin": {"admin", "shared"}, "shared": {"shared"}}
"""Folder -> those whose modules its own may import."""


@pytest.mark.parametrize("name", MODULES)
def test_a_module_is_served_and_imports_only_its_pages_own_and_what_both_share(api, name):
    status, headers, _ = get(api, f"/assets/{StaticFiles.read().version}/{name}")
    assert (status, headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
    assert set(imports(name)) <= set(MODULES)
    assert {each.split("/")[0] for each in imports(name)} <= USES[name.split("/")[0]]
    assert not [each for each in imports(name) if name in loaded_by(each)], "modules import each other"


def test_every_module_is_needed_and_those_in_shared_by_both_pages():
    shop, admin = loaded_by("shop/shop.js"), loaded_by("admin/admin.js")
    assert shop | admin == set(MODULES)
    assert {name for name in MODULES if name.startswith("shared/")} == shop & admin


def test_every_file_lies_in_one_of_three_folders_of_which_none_is_crowded():
    files = [path.relative_to(FOLDER).parts for path in FOLDER.rglob("*") if path.is_file()]
    assert {len(parts) for parts in files} == {2}
    assert Counter(folder for folder, _ in files).keys() == USES.keys()
    assert max(Counter(folder for folder, _ in files).values()) <= 20


def test_the_admin_page_has_words_for_every_decision_and_for_no_other():
    text = (FOLDER / "admin/decisions.js").read_text().partition("const DECISIONS = {")[2].partition("\n};")[0]
    assert set(re.findall(r"^  (\w+): {", text, re.MULTILINE)) == set(get_args(AdminDecision))


@pytest.mark.parametrize(
    ("resource", "asked", "location"),
    [("/", "/api", "api/"), ("/admin", "/api/admin/", "../admin"), ("/admin", "/admin/", "../admin")],
)
def test_an_address_from_which_links_would_go_astray_leads_to_the_right_one(api, resource, asked, location):
    event = api_event("GET", resource)
    event["requestContext"]["path"] = asked
    answer = api.app(event, None)
    assert (answer["statusCode"], answer["headers"]["Location"]) == (308, location)


@pytest.mark.parametrize(("resource", "asked"), [("/", "/api/"), ("/", "/"), ("/admin", "/api/admin")])
def test_the_right_address_is_the_end_of_it(api, resource, asked):
    event = api_event("GET", resource)
    event["requestContext"]["path"] = asked
    assert api.app(event, None)["statusCode"] == 200


def test_a_page_knows_the_stages_terms(api):
    _, _, html = get(api, "/")
    terms = json.loads(unescape(re.search(r'name="orderwire-terms" content="(.*?)"', html)[1]))
    assert terms == {
        "stage": "test",
        "currency": "USD",
        "shipping_fee": 4.5,
        "free_shipping_above": 2000.0,
        "provider": "sandbox",
    }


def test_files_of_this_version_are_kept_for_good_and_those_of_another_are_not(api):
    version = StaticFiles.read().version
    assert "immutable" in get(api, f"/assets/{version}/shared/base.css")[1]["Cache-Control"]
    status, headers, _ = get(api, "/assets/0123456789abcdef/shared/base.css")
    assert (status, headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize(
    "name",
    [
        "shop/nothing.js",
        "shop/shop.html",
        "shop/base.css",
        "shop/..%2Fshared%2Fbase.css",
        "..%2Fhttp/problems.py",
        "%2Fetc/passwd",
        "shared/base.css%00",
        "shared/.",
    ],
)
def test_only_known_files_are_served(api, name):
    status, headers, text = get(api, f"/assets/x/{name}")
    assert (status, headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(text)["type"].endswith(":unknown-file")


def test_the_version_changes_with_any_file_and_with_nothing_else(tmp_path):
    folder = tmp_path / "some"
    folder.mkdir()
    (folder / "a.js").write_text("1")
    (folder / "b.css").write_text("2")
    before = StaticFiles.read(tmp_path).version
    assert StaticFiles.read(tmp_path).version == before
    (folder / "page.html").write_text("a page is not an asset")
    assert StaticFiles.read(tmp_path).version == before
    (folder / "b.css").write_text("3")
    changed = StaticFiles.read(tmp_path).version
    assert changed != before
    folder.rename(tmp_path / "other")
    assert StaticFiles.read(tmp_path).version not in (before, changed)


def test_a_file_of_a_kind_that_is_not_served_is_refused(tmp_path):
    (tmp_path / "some").mkdir()
    (tmp_path / "some/cover.png").write_bytes(b"")
    with pytest.raises(KeyError):
        StaticFiles.read(tmp_path)

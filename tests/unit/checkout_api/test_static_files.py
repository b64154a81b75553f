"""The pages and their files as the API serves them."""

import json
import re
from html import unescape

import pytest

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


def test_every_module_imports_only_what_is_served(api):
    version = StaticFiles.read().version
    for path in FOLDER.glob("*.js"):
        status, headers, text = get(api, f"/assets/{version}/{path.name}")
        assert (status, headers["Content-Type"]) == (200, "text/javascript; charset=utf-8")
        for imported in re.findall(r'from "(.*?)"', text):
            assert (FOLDER / imported).exists(), f"{path.name}: {imported}"


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
    assert "immutable" in get(api, f"/assets/{version}/base.css")[1]["Cache-Control"]
    status, headers, _ = get(api, "/assets/0123456789abcdef/base.css")
    assert (status, headers["Cache-Control"]) == (200, "no-store")


@pytest.mark.parametrize("name", ["nothing.js", "shop.html", "..%2Fproblems.py", "%2Fetc%2Fpasswd", "base.css%00", "."])
def test_only_known_files_are_served(api, name):
    status, headers, text = get(api, f"/assets/x/{name}")
    assert (status, headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(text)["type"].endswith(":unknown-file")


def test_the_version_changes_with_any_file_and_with_nothing_else(tmp_path):
    (tmp_path / "a.js").write_text("1")
    (tmp_path / "b.css").write_text("2")
    before = StaticFiles.read(tmp_path).version
    assert StaticFiles.read(tmp_path).version == before
    (tmp_path / "page.html").write_text("a page is not an asset")
    assert StaticFiles.read(tmp_path).version == before
    (tmp_path / "b.css").write_text("3")
    assert StaticFiles.read(tmp_path).version != before


def test_a_file_of_a_kind_that_is_not_served_is_refused(tmp_path):
    (tmp_path / "cover.png").write_bytes(b"")
    with pytest.raises(KeyError):
        StaticFiles.read(tmp_path)

"""A web page that a developer visits, or another user of the machine, against what listens there: the API and the
embedded AWS."""

import io
import json
import zipfile
from contextlib import suppress
from urllib.parse import urlsplit

import pytest
import urllib3
from botocore.exceptions import ClientError
from hypothesis import given
from hypothesis import strategies as st

from orderwire.console.waiting import wait_until
from orderwire.machine.engine.process import Engine
from orderwire.machine.ports import free_port
from orderwire.machine.visitors import headers_of, names_loopback, refusal
from orderwire.workplace.home import Home
from orderwire.workplace.stage import REGION, EngineSession
from tests.support.checkout_api.served import served_on_a_laptop

HTTP = urllib3.PoolManager(retries=False, timeout=30)
EVIL = "https://evil.example"

PAGES = {
    "a script": {"Origin": EVIL},
    "a script that browsers call cross-site": {"Origin": EVIL, "Sec-Fetch-Site": "cross-site"},
    "a picture": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors", "Sec-Fetch-Dest": "image"},
    "a frame": {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "iframe"},
    "a page without an origin": {"Origin": "null"},
    "another program's page on this machine": {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "same-site"},
    "another port": {"Origin": "http://127.0.0.1:1"},
    "a name that begins as ours": {"Origin": "http://127.0.0.1.evil.example"},
    "a name that was pointed here": {"Host": "evil.example", "Origin": "http://evil.example"},
    "such a name without an origin": {"Host": "evil.example", "Sec-Fetch-Site": "same-origin"},
    "a name that only looks like loopback": {"Host": "127.0.0.1.evil.example:4566"},
}
LINK = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate", "Sec-Fetch-Dest": "document"}


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("attacked") / "home"


@pytest.fixture(scope="module")
def engine(home):
    home.mkdir()
    with Engine(Home(home), free_port(), REGION) as running:
        yield running.endpoint


@pytest.fixture(scope="module")
def api():
    with served_on_a_laptop(cors_origin="*", books="open") as served:
        yield served.url


def call(url, method, path, headers, body=None):
    return HTTP.request(method, url + path, headers=headers, body=body)


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_the_embedded_aws_does_nothing_for_a_web_page(engine, page, method):
    answer = call(engine, method, "/?Action=ListTopics", PAGES[page])
    assert answer.status == 403
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


def test_not_even_a_link_leads_into_the_embedded_aws(engine):
    assert call(engine, "GET", "/?Action=ListTopics", LINK).status == 403


def test_a_web_page_opens_no_socket_to_the_embedded_aws(engine):
    wanted = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
    key = {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    answer = call(engine, "GET", "/_aws/execute-api/api/local", {**wanted, **key, "Origin": EVIL})
    assert answer.status == 403


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "LOCALHOST", "bucket.s3.localhost"])
def test_programs_on_the_machine_are_served_by_the_embedded_aws(engine, host):
    port = urlsplit(engine).port
    answer = call(engine, "GET", "/_ministack/ready", {"Host": f"{host}:{port}"})
    assert answer.status == 200


def test_no_code_runs_in_the_embedded_aws_even_for_who_reaches_it(engine, tmp_path):
    """Another user of the machine reaches it, too, and would run it as the developer."""
    left, packed = tmp_path / "left", io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("code.py", f"def run(event, context):\n    open({str(left)!r}, 'w').close()\n")
    functions = EngineSession(engine).client("lambda")
    functions.create_function(
        FunctionName="theirs",
        Runtime="python3.11",
        Handler="code.run",
        Role="arn:aws:iam::000000000000:role/any",
        Code={"ZipFile": packed.getvalue()},
    )
    functions.get_waiter("function_active_v2").wait(FunctionName="theirs")
    try:
        answer = functions.invoke(FunctionName="theirs")
    except ClientError:
        pass
    else:
        assert "FunctionError" in answer
    assert not left.exists()


@pytest.mark.parametrize(
    "sql", ["COPY (SELECT 1) TO '{}'", "SET enable_external_access = true; COPY (SELECT 1) TO '{}'", "ATTACH '{}'"]
)
def test_a_query_of_the_embedded_aws_writes_no_file_of_its_own_choice(engine, tmp_path, sql):
    left = tmp_path / "left"
    asked_of_athena(engine, sql.format(left))
    assert not left.exists()


def test_a_query_of_the_embedded_aws_reads_no_file_of_its_own_choice(engine, tmp_path):
    secret = tmp_path / "secret.csv"
    secret.write_text("name\nhunter2\n")
    for sql in (f"SELECT * FROM '{secret}'", f"SELECT * FROM read_text('{secret}')"):
        assert asked_of_athena(engine, sql) == "FAILED"
    assert asked_of_athena(engine, "SELECT 1") == "SUCCEEDED"


def asked_of_athena(engine, sql):
    """How the query ended."""
    session = EngineSession(engine)
    bucket(session)
    athena, place = session.client("athena"), {"OutputLocation": "s3://theirs/"}
    asked = athena.start_query_execution(QueryString=sql, ResultConfiguration=place)["QueryExecutionId"]
    ended = lambda: athena.get_query_execution(QueryExecutionId=asked)["QueryExecution"]["Status"]["State"]  # noqa: E731
    assert wait_until(lambda: ended() in {"SUCCEEDED", "FAILED"}, 30)
    return ended()


def bucket(session):
    with suppress(ClientError):  # it is there
        session.client("s3").create_bucket(Bucket="theirs", CreateBucketConfiguration={"LocationConstraint": REGION})


@pytest.mark.parametrize("key", ["../../left", "a/../../../left", "%2e%2e/%2e%2e/left", "/left"])
def test_an_objects_name_leads_out_of_no_folder(engine, home, key):
    session = EngineSession(engine)
    bucket(session)
    call(engine, "PUT", f"/theirs/{key}", {"Content-Type": "text/plain"}, b"left")
    session.client("s3").put_object(Bucket="theirs", Key=key, Body=b"left")
    place = home / "state.work" / "s3"
    assert [path for path in home.parent.rglob("left") if place not in path.parents] == []


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.parametrize(("method", "path"), [("GET", "/catalog"), ("GET", "/"), ("POST", "/orders")])
def test_the_api_does_nothing_for_a_web_page(api, page, method, path):
    answer = call(api, method, path, PAGES[page] | {"Content-Type": "application/json"}, b"{}")
    assert (answer.status, json.loads(answer.data)["type"]) == (403, "urn:orderwire:problem:cross-site")
    assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


def test_no_page_is_given_leave_to_call_the_api(api):
    for origin in (page["Origin"] for page in PAGES.values() if "Origin" in page):
        for path in ("/orders", "/admin/login", "/catalog/book-1"):
            answer = call(api, "OPTIONS", path, {"Origin": origin, "Access-Control-Request-Method": "POST"})
            assert answer.status == 403
            assert [name for name in answer.headers if name.lower().startswith("access-control")] == []


def test_the_shop_may_be_linked_to_from_anywhere(api):
    assert call(api, "GET", "/catalog", LINK).status == 200
    assert call(api, "POST", "/orders", LINK, b"{}").status == 403


def test_the_shops_own_pages_and_programs_are_served(api):
    port = urlsplit(api).port
    for host in (f"127.0.0.1:{port}", f"localhost:{port}"):
        own = {"Host": host, "Origin": f"http://{host}", "Sec-Fetch-Site": "same-origin"}
        assert call(api, "GET", "/catalog", own).status == 200
    assert call(api, "GET", "/catalog", {}).status == 200
    assert call(api, "GET", "/catalog", {"Sec-Fetch-Site": "none"}).status == 200


def test_the_book_stores_routes_stay_open_to_its_page_but_not_to_a_name_pointed_here(api):
    page = {"Origin": "http://localhost:3000", "Sec-Fetch-Site": "cross-site"}
    answer = call(api, "GET", "/books", page)
    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (200, "*")
    assert call(api, "OPTIONS", "/books/order", page).status == 200
    assert call(api, "GET", "/books", {**page, "Host": "evil.example"}).status == 403


names = st.text(st.characters(codec="ascii", exclude_characters="\r\n"), max_size=30)


@given(names, names)
def test_no_name_but_loopbacks_own_is_taken(before, after):
    for host in (f"{before}127.0.0.1{after}", f"{before}localhost{after}"):
        taken = names_loopback(headers_of([("Host", host)]))
        name = host.strip().lower().rsplit(":", 1)[0]
        assert not taken or name.replace(".", "").isdigit() or name == "localhost" or name.endswith(".localhost")


def test_a_second_host_or_origin_hides_no_first_one():
    ours = [("Host", "127.0.0.1:8000"), ("Origin", "http://127.0.0.1:8000")]
    assert refusal(headers_of(ours)) is None
    assert refusal(headers_of([*ours, ("Host", "evil.example")])) is not None
    assert refusal(headers_of([*ours, ("Origin", EVIL)])) is not None
    assert refusal(headers_of([*ours, ("sec-fetch-site", "same-origin"), ("Sec-Fetch-Site", "cross-site")])) is not None
    assert refusal([]) is not None

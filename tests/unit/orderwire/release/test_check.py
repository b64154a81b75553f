"""What is looked at before a release changes anything."""

import json
import subprocess
from dataclasses import replace
from zipfile import ZipFile

import boto3
import pytest
from botocore.stub import Stubber
from moto import mock_aws

from infrastructure.render import ROOT
from infrastructure.stages import DEV, LASTING_PYTHON, PROD, STAGES, STAGING
from orderwire.console.problem import Problem
from orderwire.release import check, sources
from orderwire.release.fresh import require_fresh, stale
from orderwire.release.generated import generated
from orderwire.release.packaging.package import Package
from orderwire.release.ready import ready
from orderwire.workplace.git import Repository
from tests.support.release.repository import Commits


@pytest.fixture
def commits(tmp_path):
    return Commits(tmp_path / "repository")


def test_a_file_that_is_not_what_the_declarations_render_is_named(tmp_path):
    files = {".chalice/config.json": "new", "infrastructure/template.yaml": "same", "docs/openapi.json": "missing"}
    for name, text in {".chalice/config.json": "old", "infrastructure/template.yaml": "same"}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert sorted(stale(tmp_path, files)) == [".chalice/config.json", "docs/openapi.json"]


def test_a_folder_without_what_is_rendered_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(Problem, match=r"template\.yaml.*Run: make render"):
        require_fresh(generated(), tmp_path)


def test_everything_that_a_release_is_made_of_and_that_is_generated_is_looked_at():
    looked_at = set(generated())
    assert {f".chalice/policy-{name}-api_handler.json" for name in STAGES} < looked_at
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "schemas/json").rglob("*.json")} < looked_at
    assert {
        "infrastructure/template.yaml",
        ".chalice/config.json",
        "docs/openapi.json",
        "docs/asyncapi.json",
    } < looked_at


def test_what_is_generated_is_marked_so_for_who_reads_a_change():
    """Pages of which parts are generated are not among it: the rest of them is for reading."""
    whole = [path for path in generated() if not path.endswith(".md")]
    files = [*whole, "requirements.txt", "uv.lock", "tools/checkov/uv.lock"]
    command = ["git", "check-attr", "linguist-generated", "--stdin"]
    marks = subprocess.run(command, cwd=ROOT, input="\n".join(files), capture_output=True, text=True, check=True).stdout
    assert [line for line in marks.splitlines() if not line.endswith(": set")] == []
    assert len(marks.splitlines()) == len(files)


def test_a_release_is_a_commit(commits):
    commit = commits.commit("Take orders")
    version = sources.released_version(commits.repository, PROD, dirty=False)
    assert (version.commit, version.subject, str(version)) == (commit, "Take orders", f"{commit[:12]} (Take orders)")


def test_what_is_not_committed_is_not_released(commits):
    commits.commit("Take orders", app="1")
    (commits.root / "app.txt").write_text("2")
    (commits.root / "new.txt").write_text("2")
    with pytest.raises(Problem, match=r"Not committed: app\.txt, new\.txt\."):
        sources.released_version(commits.repository, DEV, dirty=False)
    assert sources.released_version(commits.repository, DEV, dirty=True).changed == ("app.txt", "new.txt")


def test_a_folder_without_commits_can_be_tried_in_a_stage_that_does_not_last(tmp_path):
    with pytest.raises(Problem, match="not a git repository"):
        sources.released_version(Repository(tmp_path), DEV, dirty=False)
    assert sources.released_version(Repository(tmp_path), DEV, dirty=True) is None
    with pytest.raises(Problem, match="nothing but commits"):
        sources.released_version(Repository(tmp_path), STAGING, dirty=True)


def test_lambda_runs_the_python_that_the_stage_names():
    sources.require_python(PROD, tuple(map(int, LASTING_PYTHON.split("."))))
    sources.require_python(DEV, (3, 11))
    why = rf"prod runs with Python {LASTING_PYTHON}; this is 3\.11\..* make PYTHON=python{LASTING_PYTHON} "
    with pytest.raises(Problem, match=why):
        sources.require_python(PROD, (3, 11))


def test_addresses_that_nobody_has_keep_a_lasting_stage_back_and_are_told_elsewhere():
    with pytest.raises(Problem, match=r"mail_sender \(orders@orderwire\.example\), account_email"):
        check.require_own_settings(PROD)
    assert any("no mail can be sent as mail_sender" in each for each in check.require_own_settings(DEV))
    assert check.require_own_settings(replace(PROD, emulated=True)) == []


def test_a_topic_that_nobody_reads_is_told():
    settings = {"mail_sender": "orders@shop.test", "account_email": "accounts@shop.test"}
    mine = replace(PROD, settings=settings, readers={"alarms": "ops@shop.test"}, quiet_minutes=60)
    assert check.require_own_settings(mine) == [
        f"nobody is set to read {topic} (readers in infrastructure/stages.py)"
        for topic in ("admin-alerts", "fulfilment")
    ]


def test_a_lasting_stage_has_somebody_who_is_told_of_alarms():
    settings = {"mail_sender": "orders@shop.test", "account_email": "accounts@shop.test"}
    unheard = replace(
        PROD, settings=settings, readers={"admin-alerts": "ops@shop.test", "fulfilment": "packing@shop.test"}
    )
    with pytest.raises(Problem, match="name who reads alarms for stage prod"):
        check.require_own_settings(unheard)
    assert check.require_own_settings(replace(unheard, watched=False))
    assert check.require_own_settings(replace(unheard, lasting=False))


def test_a_shop_whose_silence_nobody_hears_is_told():
    settings = {"mail_sender": "orders@shop.test", "account_email": "accounts@shop.test"}
    readers = dict.fromkeys(("admin-alerts", "alarms", "fulfilment"), "ops@shop.test")
    mine = replace(PROD, settings=settings, readers=readers)
    assert check.require_own_settings(mine) == ["no alarm says that orders have ceased: quiet_minutes is not set"]
    assert check.require_own_settings(replace(mine, quiet_minutes=60)) == []
    assert check.require_own_settings(replace(mine, watched=False)) == []


def packed(folder, size):
    files = folder / "layer.zip", folder / "code.zip"
    for path in files:
        with ZipFile(path, "w") as file:
            file.writestr("x", b"0" * size)
    return Package(*files, folder / "sam.json")


def test_a_package_is_held_against_lambdas_limits(tmp_path):
    assert check.require_size(packed(tmp_path, 2 * 1024**2)) == "the package has 2 MB, 4 MB unpacked, of 250 MB"
    with pytest.raises(Problem, match=r"too large for Lambda: 51 MB of 50 MB zipped, 102 MB of 250 MB"):
        check.require_size(packed(tmp_path, 51 * 1024**2))


def an_account(*pending, sandbox=False):
    """boto3 clients of one in which SNS waits for these addresses to confirm. moto knows neither that nor SES's own
    account."""

    def client(service):
        made = boto3.client(service)
        if service == "sesv2":
            made = stubbed(made, "get_account", {"ProductionAccessEnabled": not sandbox})
        if service == "sns":
            found = [{"Endpoint": each, "SubscriptionArn": "PendingConfirmation"} for each in pending]
            found.append({"Endpoint": "packing@shop.test", "SubscriptionArn": "arn:aws:sns:eu-central-1:1:topic:id"})
            made = stubbed(made, "list_subscriptions_by_topic", {"Subscriptions": found}, times=2)
        return made

    return client


def stubbed(client, operation, answer, times=1):
    stub = Stubber(client)
    for _ in range(times):
        stub.add_response(operation, answer)
    stub.activate()
    return client


@mock_aws
def test_who_has_not_confirmed_to_read_a_topic_is_told():
    told, readers = [], {"admin-alerts": "ops@shop.test", "fulfilment": "packing@shop.test"}
    boto3.client("ses").verify_domain_identity(Domain="orderwire.example")
    ready(an_account("ops@shop.test"), replace(STAGING, readers=readers), told.append)
    assert told == ["ops@shop.test gets nothing of admin-alerts before the link in SNS's mail is followed"]


@mock_aws
def test_a_sandbox_in_which_no_customer_gets_a_mail_is_told():
    told = []
    boto3.client("ses").verify_domain_identity(Domain="orderwire.example")
    ready(an_account(sandbox=True), STAGING, told.append)
    assert told == [
        "SES is in its sandbox: only verified addresses get mails, no customer does. Ask for production access"
    ]


@mock_aws
@pytest.mark.parametrize(("verified", "good"), [("shop.test", True), ("mail.shop.test", True), ("op.test", False)])
def test_whoever_has_verified_a_domain_sends_for_those_below_it(verified, good):
    told = []
    stage = replace(DEV, settings={**DEV.settings, "mail_sender": "orders@mail.shop.test"})
    boto3.client("ses").verify_domain_identity(Domain=verified)
    ready(an_account(), stage, told.append)
    assert (told == []) is good


@mock_aws
def test_a_sender_that_is_not_verified_keeps_a_lasting_stage_back_and_is_told_elsewhere():
    told = []
    ready(an_account(), DEV, told.append)
    assert told == [
        "no mail can be sent as orders@orderwire.example:"
        " aws ses verify-email-identity --email-address orders@orderwire.example"
    ]
    with pytest.raises(Problem, match="The account is not ready:\n- no mail can be sent"):
        ready(an_account(), STAGING, told.append)
    boto3.client("ses").verify_domain_identity(Domain="orderwire.example")
    ready(an_account(), STAGING, told.append)
    assert len(told) == 1


@mock_aws
def test_a_stage_that_charges_cards_needs_the_providers_key():
    stage, secrets = replace(PROD, lasting=False), boto3.client("secretsmanager")
    secrets.create_secret(Name="/orderwire/prod/stripe-key")
    with pytest.raises(Problem, match=r'printf %s "\$key" \| aws .+ --secret-id /orderwire/prod/stripe-key'):
        ready(an_account(), stage, lambda line: None)
    secrets.put_secret_value(SecretId="/orderwire/prod/stripe-key", SecretString=json.dumps("sk"))
    ready(an_account(), stage, lambda line: None)


def test_a_deployment_is_remembered_as_its_commit_or_as_something_to_which_nobody_can_go_back(commits, tmp_path):
    commit = commits.commit("Take orders", app="1")
    assert commits.repository.label() == commit
    (commits.root / "app.txt").write_text("2")
    assert commits.repository.label() == f"{commit}-changed"
    assert Repository(tmp_path).label() == "uncommitted"

"""What is looked at before a release changes anything."""

import json
from dataclasses import replace
from zipfile import ZipFile

import boto3
import pytest
from moto import mock_aws

from infrastructure.render import ROOT
from infrastructure.stages import DEV, PROD, STAGES, STAGING
from orderwire.problem import Problem
from orderwire.release import check
from orderwire.release.git import Repository
from orderwire.release.package import Package
from orderwire.release.ready import ready
from tests.support.repository import Commits


@pytest.fixture
def commits(tmp_path):
    return Commits(tmp_path / "repository")


def test_a_file_that_is_not_what_the_declarations_render_is_named(tmp_path):
    files = {".chalice/config.json": "new", "infrastructure/template.yaml": "same", "docs/openapi.json": "missing"}
    for name, text in {".chalice/config.json": "old", "infrastructure/template.yaml": "same"}.items():
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    assert sorted(check.stale(tmp_path, files)) == [".chalice/config.json", "docs/openapi.json"]


def test_a_folder_without_what_is_rendered_is_refused_with_the_way_out(tmp_path):
    with pytest.raises(Problem, match=r"template\.yaml.*Run: make render"):
        check.require_fresh(tmp_path)


def test_everything_that_a_release_is_made_of_and_that_is_generated_is_looked_at():
    looked_at = set(check.expected())
    assert {f".chalice/policy-{name}-api_handler.json" for name in STAGES} < looked_at
    assert {str(path.relative_to(ROOT)) for path in (ROOT / "schemas/json").rglob("*.json")} < looked_at
    assert {
        "infrastructure/template.yaml",
        ".chalice/config.json",
        "docs/openapi.json",
        "docs/asyncapi.json",
    } < looked_at


def test_a_release_is_a_commit(commits):
    commit = commits.commit("Take orders")
    version = check.released_version(commits.repository, PROD, dirty=False)
    assert (version.commit, version.subject, str(version)) == (commit, "Take orders", f"{commit[:12]} (Take orders)")


def test_what_is_not_committed_is_not_released(commits):
    commits.commit("Take orders", app="1")
    (commits.root / "app.txt").write_text("2")
    (commits.root / "new.txt").write_text("2")
    with pytest.raises(Problem, match=r"Not committed: app\.txt, new\.txt\."):
        check.released_version(commits.repository, DEV, dirty=False)
    assert check.released_version(commits.repository, DEV, dirty=True).changed == ("app.txt", "new.txt")


def test_a_folder_without_commits_can_be_tried_in_a_stage_that_does_not_last(tmp_path):
    with pytest.raises(Problem, match="not a git repository"):
        check.released_version(Repository(tmp_path), DEV, dirty=False)
    assert check.released_version(Repository(tmp_path), DEV, dirty=True) is None
    with pytest.raises(Problem, match="nothing but commits"):
        check.released_version(Repository(tmp_path), STAGING, dirty=True)


def test_lambda_runs_the_python_that_the_stage_names():
    check.require_python(PROD, (3, 11))
    check.require_python(DEV, (3, 13))
    with pytest.raises(Problem, match=r"Stage prod runs with Python 3\.11; this is 3\.13"):
        check.require_python(PROD, (3, 13))


def test_addresses_that_nobody_has_keep_a_lasting_stage_back_and_are_told_elsewhere():
    with pytest.raises(Problem, match=r"mail_sender \(orders@orderwire\.example\), account_email"):
        check.require_own_settings(PROD)
    assert any("no mail can be sent as mail_sender" in each for each in check.require_own_settings(DEV))
    assert check.require_own_settings(replace(PROD, emulated=True)) == []


def test_a_topic_that_nobody_reads_is_told():
    settings = {"mail_sender": "orders@shop.test", "account_email": "accounts@shop.test"}
    mine = replace(PROD, settings=settings, readers={"admin-alerts": "ops@shop.test"})
    assert check.require_own_settings(mine) == [
        "nobody is set to read fulfilment (readers in infrastructure/stages.py)"
    ]


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


@mock_aws
def test_a_sender_that_is_not_verified_keeps_a_lasting_stage_back_and_is_told_elsewhere():
    told = []
    ready(boto3.client, DEV, told.append)
    assert told == [
        "no mail can be sent as orders@orderwire.example:"
        " aws ses verify-email-identity --email-address orders@orderwire.example"
    ]
    with pytest.raises(Problem, match="The account is not ready:\n- no mail can be sent"):
        ready(boto3.client, STAGING, told.append)
    boto3.client("ses").verify_domain_identity(Domain="orderwire.example")
    ready(boto3.client, STAGING, told.append)
    assert len(told) == 1


@mock_aws
def test_a_stage_that_charges_cards_needs_the_providers_key():
    stage, secrets = replace(PROD, lasting=False), boto3.client("secretsmanager")
    secrets.create_secret(Name="/orderwire/prod/stripe-key")
    with pytest.raises(Problem, match=r'printf %s "\$key" \| aws .+ --secret-id /orderwire/prod/stripe-key'):
        ready(boto3.client, stage, lambda line: None)
    secrets.put_secret_value(SecretId="/orderwire/prod/stripe-key", SecretString=json.dumps("sk"))
    ready(boto3.client, stage, lambda line: None)


def test_a_deployment_is_remembered_as_its_commit_or_as_something_to_which_nobody_can_go_back(commits, tmp_path):
    commit = commits.commit("Take orders", app="1")
    assert commits.repository.label() == commit
    (commits.root / "app.txt").write_text("2")
    assert commits.repository.label() == f"{commit}-changed"
    assert Repository(tmp_path).label() == "uncommitted"

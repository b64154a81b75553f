"""What checkov finds in templates, the functions' policies and workflows is mended, or accepted here for a reason."""

import json
import os
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from cfn_flip import load_yaml

from infrastructure.render import ROOT
from infrastructure.stages import PROD
from tests.support.role_template import role, role_template

CHECKOV = ROOT / "tools/checkov/.venv/bin/checkov"
TEMPLATES = sorted((ROOT / "infrastructure").glob("*.yaml"))

ACCEPTED = {
    ("CKV_AWS_18", "AWS::S3::Bucket"): (
        "Access to the backup is for a trail of the account to log (S3 data events), which covers every bucket and "
        "needs no second one."
    ),
    ("CKV_AWS_27", "AWS::SQS::Queue"): (
        "Queues are encrypted, by SQS's own key. EventBridge writes to them, and could not under AWS's managed key; a "
        "key of ours would cost requests and add nothing: who may read a queue is in IAM either way."
    ),
    ("CKV_AWS_33", "AWS::KMS::Key"): (
        "The principal is everybody, and the condition one role of this account, through S3. Chalice creates the role "
        "after the stack, and KMS refuses a policy that names a role that is not there."
    ),
    ("CKV_AWS_119", "AWS::DynamoDB::Table"): (
        "Tables are encrypted by the account's key for DynamoDB, whose use CloudTrail shows. A key of ours would add a "
        "way to lose all orders at once, by scheduling its deletion."
    ),
    ("CKV_AWS_149", "AWS::SecretsManager::Secret"): (
        "Secrets are encrypted by the account's key for Secrets Manager. A key of ours is needed to share a secret "
        "with another account, and none is shared."
    ),
    ("CKV_AWS_158", "AWS::Logs::LogGroup"): (
        "CloudWatch encrypts every log group by itself. The logs hold no personal data and no token, which tests hold."
    ),
    ("CKV_GHA_7", "on(Release)"): (
        "The release is started by hand and asks for the stage, one of three. What is built is the branch, and GitHub "
        "hands the stage's role to that stage's environment only, behind its reviewers."
    ),
}
"""(check, type of resource) -> why it stays as it is."""

ALL_OF_S3 = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "s3:*", "Resource": "*"}]}
WRONG = {
    "Resources": {
        "Wide": role(ALL_OF_S3),
        "Open": {"Type": "AWS::S3::Bucket", "Properties": {"AccessControl": "PublicRead"}},
    }
}
"""What checkov must find, or it has not looked."""

pytestmark = [
    pytest.mark.xdist_group("checkov"),
    pytest.mark.skipif(
        not CHECKOV.exists() and "CI" not in os.environ, reason="checkov is not set up here: make checkov does that"
    ),
]


@dataclass(frozen=True)
class Scan:
    """`found` holds (file, check, type, logical id) of every finding; of a workflow, the last is empty."""

    found: frozenset
    resources: int
    unread: int

    @property
    def ours(self):
        return {finding for finding in self.found if finding[0] != "wrong.json"}


@pytest.fixture(scope="module")
def scan(tmp_path_factory):
    folder = tmp_path_factory.mktemp("scanned")
    for path in TEMPLATES:
        shutil.copy(path, folder)
    shutil.copytree(ROOT / ".github", folder / ".github")
    (folder / "roles.json").write_text(json.dumps(role_template(PROD), indent=1))
    (folder / "wrong.json").write_text(json.dumps(WRONG, indent=1))
    options = ("--quiet", "--compact", "--skip-download", "--output", "json")
    environment = {key: value for key, value in os.environ.items() if not key.startswith(("PYTHON", "BOTOCORE"))}
    done = subprocess.run(
        [CHECKOV, "--directory", ".", "--framework", "cloudformation", "github_actions", *options],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 1, done.stderr  # findings, of WRONG at least
    reports = json.loads(done.stdout)
    found = [failed for report in reports for failed in report["results"]["failed_checks"]]
    return Scan(
        frozenset((Path(each["file_path"]).name, each["check_id"], *split(each["resource"])) for each in found),
        sum(report["summary"]["resource_count"] for report in reports),
        sum(report["summary"]["parsing_errors"] for report in reports),
    )


def split(resource):
    """The type and the logical id of what checkov writes as `AWS::SQS::Queue.OrdersQueue`."""
    kind, _, logical_id = resource.partition(".")
    return kind, logical_id


def resources_of(path):
    return load_yaml(path.read_text())["Resources"]


def test_checkov_reads_everything_and_finds_what_is_wrong(scan):
    ours = sum(len(resources_of(path)) for path in TEMPLATES) + len(role_template(PROD)["Resources"])
    assert (scan.unread, scan.resources) == (0, ours + len(WRONG["Resources"]))
    wrong = {(check, name) for _, check, _, name in scan.found - scan.ours}
    assert wrong >= {("CKV_AWS_20", "Open"), ("CKV_AWS_108", "Wide"), ("CKV_AWS_111", "Wide")}


def test_what_checkov_finds_is_accepted_for_a_reason(scan):
    assert sorted(finding for finding in scan.ours if finding[1:3] not in ACCEPTED) == []


def test_nothing_is_accepted_that_checkov_no_longer_finds(scan):
    assert set(ACCEPTED) - {(check, type_) for _, check, type_, _ in scan.ours} == set()

"""Where the backup lies: closed, encrypted, versioned, and laid out as the consumer writes it."""

import json
from secrets import token_hex

import pytest

from consumers.backup import CONSUMER
from consumers.decisions.backup_lines import FOLDER, LINE, objects, partition, pseudonyms
from edges.settings import Settings
from infrastructure.resources.backup import EVENTS_SQL, FIRST_DAY, PARTITIONS, RESULTS, database
from infrastructure.stack.template import template
from orderwire.cloudformation.gaps import filled_in
from tests.support.edges import NOON
from tests.support.events import created, event

RESOURCES = template().to_dict()["Resources"]
PLACE = {"AWS::Region": "eu-central-1", "AWS::AccountId": "111122223333", "AWS::Partition": "aws"}
KNOWN = {"Stage": "dev", "BackupBucket": "bucket", "AWS::URLSuffix": "amazonaws.com", **PLACE}


def resource(logical_id):
    return RESOURCES[logical_id]["Properties"]


def in_dev(value):
    return filled_in(value, KNOWN)


SMALLEST_TO_MOVE = 128 * 1024
"""Bytes of an object, below which S3 transitions it to no other class."""

BUCKET, KEY = resource("BackupBucket"), resource("BackupKey")


def test_the_bucket_is_the_stages_and_the_accounts_and_the_function_finds_it():
    assert in_dev(BUCKET["BucketName"]) == "orderwire-dev-backup-111122223333"
    parameter = resource("BackupBucketParameter")
    assert in_dev(parameter["Name"]) == Settings(stage="dev").path("backup-bucket")
    assert parameter["Value"] == {"Ref": "BackupBucket"}


def test_nobody_outside_reads_it_and_nobody_without_tls():
    assert set(BUCKET["PublicAccessBlockConfiguration"].values()) == {True}
    assert len(BUCKET["PublicAccessBlockConfiguration"]) == 4
    assert BUCKET["OwnershipControls"] == {"Rules": [{"ObjectOwnership": "BucketOwnerEnforced"}]}
    [statement] = resource("BackupBucketPolicy")["PolicyDocument"]["Statement"]
    assert (statement["Effect"], statement["Principal"], statement["Action"]) == ("Deny", "*", ["s3:*"])
    assert statement["Condition"] == {"Bool": {"aws:SecureTransport": "false"}}


def test_everything_is_encrypted_under_a_key_that_rotates():
    [rule] = BUCKET["BucketEncryption"]["ServerSideEncryptionConfiguration"]
    assert rule["ServerSideEncryptionByDefault"] == {
        "SSEAlgorithm": "aws:kms",
        "KMSMasterKeyID": {"Fn::GetAtt": ["BackupKey", "Arn"]},
    }
    assert rule["BucketKeyEnabled"] is True
    assert KEY["EnableKeyRotation"] is True
    answers = resource("BackupWorkGroup")["WorkGroupConfiguration"]["ResultConfiguration"]
    assert answers["EncryptionConfiguration"]["EncryptionOption"] == "SSE_KMS"


def test_the_function_uses_the_key_through_s3_alone_and_asks_iam_for_nothing_more_than_to_put():
    of_account, of_function = KEY["KeyPolicy"]["Statement"]
    assert in_dev(of_account["Principal"]) == {"AWS": "arn:aws:iam::111122223333:root"}
    assert of_function["Action"] == ["kms:GenerateDataKey"]
    assert in_dev(of_function["Condition"]) == {
        "ArnEquals": {"aws:PrincipalArn": "arn:aws:iam::111122223333:role/orderwire-dev-backup"},
        "StringEquals": {
            "kms:CallerAccount": "111122223333",
            "kms:ViaService": "s3.eu-central-1.amazonaws.com",
        },
    }
    [s3] = [grant for grant in CONSUMER.touches if grant.service == "s3"]
    assert (s3.actions, s3.resource) == (("PutObject",), f"orderwire-{{stage}}-backup-{'?' * 12}/{FOLDER}*")


def test_what_was_overwritten_is_kept_for_a_while_and_events_for_good():
    assert BUCKET["VersioningConfiguration"] == {"Status": "Enabled"}
    rules = {rule["Id"]: rule for rule in BUCKET["LifecycleConfiguration"]["Rules"]}
    assert {rule["Status"] for rule in rules.values()} == {"Enabled"}
    assert not [rule for rule in rules.values() if "ExpirationInDays" in rule and rule["Prefix"] != RESULTS]
    assert rules["leftovers"]["NoncurrentVersionExpiration"] == {"NoncurrentDays": 30}
    assert (rules["answers"]["Prefix"], rules["answers"]["ExpirationInDays"]) == (RESULTS, 7)


def test_nothing_is_moved_to_storage_that_objects_of_a_batch_are_too_small_for():
    batch = [event(created(f"ord_{token_hex(16)}", customer_id=token_hex(16))) for _ in range(CONSUMER.batch_size)]
    [kept] = objects(batch, pseudonyms("k"))
    assert len(kept.content) < SMALLEST_TO_MOVE
    assert not [rule for rule in BUCKET["LifecycleConfiguration"]["Rules"] if "Transition" in str(rule)]


def test_the_table_has_the_columns_of_a_line_and_lies_where_the_lines_do():
    table = resource("BackupEventLines")["TableInput"]
    storage, rules = table["StorageDescriptor"], table["Parameters"]
    assert {column["Name"]: column["Type"] for column in storage["Columns"]} == LINE
    assert {column["Name"]: column["Type"] for column in table["PartitionKeys"]} == PARTITIONS
    assert in_dev(storage["Location"]) == f"s3://bucket/{FOLDER}"
    place = rules["storage.location.template"]["Fn::Sub"].replace("${!", "${")
    for name, value in {"BackupBucket": "bucket", "date": "2026-11-20", "hour": "12"}.items():
        place = place.replace(f"${{{name}}}", value)
    assert place == f"s3://bucket/{partition(NOON)}"
    [kept] = objects([event(created())], pseudonyms("k"))
    assert kept.key.startswith(partition(NOON))
    assert rules["projection.date.range"] == f"{FIRST_DAY},NOW"
    assert (rules["projection.hour.range"], rules["projection.hour.digits"]) == ("0,23", "2")


def test_the_view_is_what_search_puts_in_front_of_every_query():
    view = resource("BackupEvents")["TableInput"]
    text, values = view["ViewOriginalText"]["Fn::Sub"]
    assert text == "/* Presto View: ${View} */"
    told = json.loads(in_dev(values["View"]["Fn::Base64"]))
    assert told["originalSql"] == EVENTS_SQL
    assert told["schema"] == database("dev") == "orderwire_dev"
    assert [column["name"] for column in told["columns"]] == [*LINE, *PARTITIONS]
    assert (view["TableType"], view["Parameters"]["presto_view"]) == ("VIRTUAL_VIEW", "true")


def test_no_query_costs_more_than_a_few_cents_or_answers_elsewhere():
    group = resource("BackupWorkGroup")["WorkGroupConfiguration"]
    assert group["BytesScannedCutoffPerQuery"] == 10 * 1024**3
    assert group["EnforceWorkGroupConfiguration"] is True
    assert in_dev(group["ResultConfiguration"]["OutputLocation"]) == f"s3://bucket/{RESULTS}"


@pytest.mark.parametrize("logical_id", ["BackupBucket", "BackupKey", "BackupHashKey"])
def test_what_the_backup_cannot_be_read_without_is_not_replaced_by_an_update(logical_id):
    assert RESOURCES[logical_id]["UpdateReplacePolicy"] == "Retain"

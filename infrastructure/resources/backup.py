"""Where events are kept for good: the bucket, the keys, and what SQL sees of it through Athena."""

import json
from typing import Any

from troposphere import AWSObject, Base64, GetAtt, Ref, Sub
from troposphere.athena import (
    EncryptionConfiguration,
    ResultConfiguration,
    WorkGroup,
    WorkGroupConfiguration,
)
from troposphere.glue import Column, Database, DatabaseInput, SerdeInfo, StorageDescriptor, Table, TableInput
from troposphere.kms import Alias, Key
from troposphere.s3 import (
    AbortIncompleteMultipartUpload,
    Bucket,
    BucketEncryption,
    BucketPolicy,
    LifecycleConfiguration,
    LifecycleRule,
    NoncurrentVersionExpiration,
    OwnershipControls,
    OwnershipControlsRule,
    PublicAccessBlockConfiguration,
    ServerSideEncryptionByDefault,
    ServerSideEncryptionRule,
    VersioningConfiguration,
)
from troposphere.secretsmanager import GenerateSecretString, Secret
from troposphere.ssm import Parameter

from consumers.decisions.backup_lines import BUCKET, FOLDER, HASH_KEY, LINE
from infrastructure.access import Statement, allow_account, document, tls_only
from infrastructure.names import name, path

LINES, EVENTS, RESULTS = "event_lines", "events", "athena-results/"
"""The table of all lines, the view of it that has each event once, and the folder of what queries answer."""

PARTITIONS = {"date": "string", "hour": "int"}

EXACT = {"total": "decimal(11,2)"}
"""Amounts are doubles in the lines, as on the bus; whoever adds them up gets whole cents."""

SELECTED = [f"CAST({key} AS {EXACT[key]}) AS {key}" if key in EXACT else key for key in (*LINE, *PARTITIONS)]

EVENTS_SQL = (  # of our own names only
    f"SELECT {', '.join(SELECTED)} FROM ("  # noqa: S608
    f"SELECT *, row_number() OVER (PARTITION BY date, hour, event_id ORDER BY event_id) AS copy FROM {LINES}"
    ") WHERE copy = 1"
)
"""One line per event. Its copies lie in one partition, so a condition on `date` still keeps other days unread."""

FIRST_DAY = "2026-01-01"
MOST_BYTES = 10 * 1024**3
"""Scanned by one query, which then ends: at 5 dollars a terabyte, 5 cents."""

OVERWRITTEN_DAYS = 30
TRINO = {"string": "varchar", "array<string>": "array(varchar)", "int": "integer"}
"""Names of types where Athena's engine and its catalog differ."""


def backup() -> list[AWSObject]:
    return [
        key(),
        Alias("BackupKeyAlias", AliasName=name("backup", "alias/"), TargetKeyId=Ref("BackupKey")),
        bucket(),
        bucket_policy(),
        whereabouts(),
        hash_key(),
        Database("BackupDatabase", CatalogId=Ref("AWS::AccountId"), DatabaseInput=database_input()),
        lines_table(),
        events_view(),
        work_group(),
    ]


def database(stage: str) -> str:
    """The database's name in Athena, which likes no hyphens."""
    return f"orderwire_{stage}"


def key() -> Key:
    """Encrypts the bucket. The backup function may use it through S3 and in no other way; everybody else needs leave
    from IAM."""
    return Key(
        "BackupKey",
        Description="Orderwire's backup bucket",
        EnableKeyRotation=True,
        PendingWindowInDays=30,
        KeyPolicy=document(allow_account(["kms:*"], "*"), allow_backup_function()),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
    )


def allow_backup_function() -> Statement:
    """The function's role is named, not referred to: Chalice creates it after the stack."""
    role = Sub("arn:${AWS::Partition}:iam::${AWS::AccountId}:role/orderwire-${Stage}-backup")
    return {
        "Effect": "Allow",
        "Principal": {"AWS": "*"},
        "Action": ["kms:GenerateDataKey"],
        "Resource": "*",
        "Condition": {
            "ArnEquals": {"aws:PrincipalArn": role},
            "StringEquals": {
                "kms:CallerAccount": Ref("AWS::AccountId"),
                "kms:ViaService": Sub("s3.${AWS::Region}.${AWS::URLSuffix}"),
            },
        },
    }


def bucket() -> Bucket:
    """CloudFormation deletes no bucket that holds something: a stage's backup goes only after somebody emptied it."""
    encryption = ServerSideEncryptionRule(
        BucketKeyEnabled=True,
        ServerSideEncryptionByDefault=ServerSideEncryptionByDefault(
            SSEAlgorithm="aws:kms", KMSMasterKeyID=GetAtt("BackupKey", "Arn")
        ),
    )
    return Bucket(
        "BackupBucket",
        BucketName=Sub("orderwire-${Stage}-backup-${AWS::AccountId}"),
        BucketEncryption=BucketEncryption(ServerSideEncryptionConfiguration=[encryption]),
        OwnershipControls=OwnershipControls(Rules=[OwnershipControlsRule(ObjectOwnership="BucketOwnerEnforced")]),
        PublicAccessBlockConfiguration=PublicAccessBlockConfiguration(
            BlockPublicAcls=True, BlockPublicPolicy=True, IgnorePublicAcls=True, RestrictPublicBuckets=True
        ),
        VersioningConfiguration=VersioningConfiguration(Status="Enabled"),
        LifecycleConfiguration=LifecycleConfiguration(Rules=lifecycle()),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
    )


def lifecycle() -> list[LifecycleRule]:
    """Events are kept for good; what a retry has overwritten and what queries answered is not. Nothing is moved to
    colder storage: S3 leaves objects under 128 kB where they are, and the colder classes charge each as if it had as
    much."""
    return [
        LifecycleRule(Id="answers", Status="Enabled", Prefix=RESULTS, ExpirationInDays=7),
        LifecycleRule(
            Id="leftovers",
            Status="Enabled",
            NoncurrentVersionExpiration=NoncurrentVersionExpiration(NoncurrentDays=OVERWRITTEN_DAYS),
            AbortIncompleteMultipartUpload=AbortIncompleteMultipartUpload(DaysAfterInitiation=7),
        ),
    ]


def bucket_policy() -> BucketPolicy:
    everything = [GetAtt("BackupBucket", "Arn"), Sub("${BackupBucket.Arn}/*")]
    return BucketPolicy(
        "BackupBucketPolicy", Bucket=Ref("BackupBucket"), PolicyDocument=document(tls_only(["s3:*"], everything))
    )


def whereabouts() -> Parameter:
    return Parameter(
        "BackupBucketParameter",
        Name=path(BUCKET),
        Type="String",
        Description="The bucket that the backup function writes to",
        Value=Ref("BackupBucket"),
    )


def hash_key() -> Secret:
    """The key under which personal values get their pseudonyms. Generated once: with another key the same customer
    would be somebody else in the backup."""
    return Secret(
        "BackupHashKey",
        Name=path(HASH_KEY),
        Description="HMAC key of the pseudonyms in the backup",
        GenerateSecretString=GenerateSecretString(PasswordLength=64, ExcludePunctuation=True),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
    )


def database_input() -> DatabaseInput:
    return DatabaseInput(Name=Sub(database("${Stage}")), Description="Orderwire's events, without what is personal")


def lines_table() -> Table:
    """Its partitions follow from a rule (partition projection), so nobody has to add one for each new hour."""
    home = Sub(f"s3://${{BackupBucket}}/{FOLDER}")
    storage = StorageDescriptor(
        Columns=columns(LINE),
        Location=home,
        InputFormat="org.apache.hadoop.mapred.TextInputFormat",
        OutputFormat="org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat",
        SerdeInfo=SerdeInfo(SerializationLibrary="org.openx.data.jsonserde.JsonSerDe"),
    )
    projection = {
        "classification": "json",
        "projection.enabled": "true",
        "projection.date.type": "date",
        "projection.date.format": "yyyy-MM-dd",
        "projection.date.range": f"{FIRST_DAY},NOW",
        "projection.hour.type": "integer",
        "projection.hour.range": "0,23",
        "projection.hour.digits": "2",
        "storage.location.template": Sub(f"s3://${{BackupBucket}}/{FOLDER}date=${{!date}}/hour=${{!hour}}/"),
    }
    return glue_table(
        LINES,
        TableType="EXTERNAL_TABLE",
        Description="A line per delivered event; redelivered ones may be there twice",
        StorageDescriptor=storage,
        PartitionKeys=columns(PARTITIONS),
        Parameters=projection,
    )


def events_view() -> Table:
    """In the form in which Athena keeps its views: JSON in base64 in a comment."""
    everything = {**LINE, **PARTITIONS, **EXACT}
    view = {
        "originalSql": EVENTS_SQL,
        "catalog": "awsdatacatalog",
        "schema": database("${Stage}"),
        "columns": [{"name": column, "type": TRINO.get(type_, type_)} for column, type_ in everything.items()],
    }
    return glue_table(
        EVENTS,
        TableType="VIRTUAL_VIEW",
        Description="Every event once",
        StorageDescriptor=StorageDescriptor(Columns=columns(everything), SerdeInfo=SerdeInfo()),
        PartitionKeys=[],
        Parameters={"presto_view": "true", "comment": "Presto View"},
        ViewOriginalText=Sub("/* Presto View: ${View} */", View=Base64(Sub(json.dumps(view)))),
        ViewExpandedText="/* Presto View */",
    )


def glue_table(table: str, **table_input: Any) -> Table:
    return Table(
        f"Backup{table.title().replace('_', '')}",
        CatalogId=Ref("AWS::AccountId"),
        DatabaseName=Ref("BackupDatabase"),
        TableInput=TableInput(Name=table, **table_input),
    )


def columns(types: dict[str, str]) -> list[Column]:
    return [Column(Name=column, Type=type_) for column, type_ in types.items()]


def work_group() -> WorkGroup:
    """Where `orderwire search` runs its queries: answers are encrypted, and no query costs more than a few cents."""
    encryption = EncryptionConfiguration(EncryptionOption="SSE_KMS", KmsKey=GetAtt("BackupKey", "Arn"))
    results = ResultConfiguration(
        OutputLocation=Sub(f"s3://${{BackupBucket}}/{RESULTS}"), EncryptionConfiguration=encryption
    )
    return WorkGroup(
        "BackupWorkGroup",
        Name=Sub("orderwire-${Stage}"),
        Description="Questions about Orderwire's events",
        RecursiveDeleteOption=True,
        WorkGroupConfiguration=WorkGroupConfiguration(
            BytesScannedCutoffPerQuery=MOST_BYTES,
            EnforceWorkGroupConfiguration=True,
            PublishCloudWatchMetricsEnabled=False,
            ResultConfiguration=results,
        ),
    )

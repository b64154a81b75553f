"""The DynamoDB tables, as tables/ declares them."""

from typing import Any

from troposphere import If
from troposphere.dynamodb import (
    AttributeDefinition,
    GlobalSecondaryIndex,
    KeySchema,
    PointInTimeRecoverySpecification,
    Projection,
    SSESpecification,
    Table,
    TimeToLiveSpecification,
)

from infrastructure.names import name, title
from tables import declaration


def table(declared: declaration.Table) -> Table:
    """On demand, restorable to any second of the last 35 days, and in a lasting stage not to be deleted."""
    keys = {declared.key} | {key for index in declared.indexes for key in (index.partition, index.sort)}
    return Table(
        title(declared.name, "table"),
        TableName=name(declared.name),
        BillingMode="PAY_PER_REQUEST",
        AttributeDefinitions=[AttributeDefinition(AttributeName=key, AttributeType="S") for key in sorted(keys)],
        KeySchema=[KeySchema(AttributeName=declared.key, KeyType="HASH")],
        PointInTimeRecoverySpecification=PointInTimeRecoverySpecification(PointInTimeRecoveryEnabled=True),
        SSESpecification=SSESpecification(SSEEnabled=True),
        DeletionProtectionEnabled=If("Lasting", True, False),
        DeletionPolicy="Delete",
        UpdateReplacePolicy="Retain",
        **indexes_and_expiry(declared),
    )


def indexes_and_expiry(declared: declaration.Table) -> dict[str, Any]:
    properties: dict[str, Any] = {}
    if declared.indexes:
        properties["GlobalSecondaryIndexes"] = [secondary_index(index) for index in declared.indexes]
    if declared.expires:
        ttl = TimeToLiveSpecification(AttributeName=declared.expires, Enabled=True)
        properties["TimeToLiveSpecification"] = ttl
    return properties


def secondary_index(index: declaration.Index) -> GlobalSecondaryIndex:
    included = Projection(ProjectionType="INCLUDE", NonKeyAttributes=list(index.includes))
    return GlobalSecondaryIndex(
        IndexName=index.name,
        KeySchema=[
            KeySchema(AttributeName=index.partition, KeyType="HASH"),
            KeySchema(AttributeName=index.sort, KeyType="RANGE"),
        ],
        Projection=included if index.includes else Projection(ProjectionType="KEYS_ONLY"),
    )

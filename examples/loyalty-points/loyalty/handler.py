"""The Lambda function. The event source mapping of its queue has ReportBatchItemFailures.

The name of its table is in the environment variable LOYALTY_TABLE.
"""

import logging
import os
from typing import Any

import boto3
from orderwire_events import parse

from .facts import facts
from .table import Table


def handle(record: dict[str, Any], table: Any) -> None:
    """Takes one record of the queue. Raises orderwire_events.ContractError for what is no event of Orderwire."""
    event = parse(record)
    table.add(event.data.order_id, facts(event.data))


def failures(records: list[dict[str, Any]], table: Any) -> dict[str, Any]:
    """Handles every record; returns those that SQS shall deliver again, until they end in the dead-letter queue."""
    failed = []
    for record in records:
        try:
            handle(record, table)
        except Exception:
            logging.getLogger(__name__).exception("not handled: message %s", record.get("messageId"))
            failed.append({"itemIdentifier": record["messageId"]})
    return {"batchItemFailures": failed}


def on_records(lambda_event: dict[str, Any], _context: Any) -> dict[str, Any]:
    return failures(lambda_event["Records"], Table(boto3.resource("dynamodb").Table(os.environ["LOYALTY_TABLE"])))

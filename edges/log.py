"""The structured log: JSON lines with order_id, event_id and correlation_id, without personal data."""

from aws_lambda_powertools import Logger


def logger(function: str) -> Logger:
    """The logger of one function; powertools reads its level from POWERTOOLS_LOG_LEVEL."""
    return Logger(service=function, utc=True)

"""The metrics that AWS's documentation lists for what Orderwire uses, each with the dimensions under which it is sent.

EventBridge: docs.aws.amazon.com/eventbridge/latest/userguide/eb-monitoring.html (RuleName alone is the default bus)
SQS:         .../AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html
SNS:         .../sns/latest/dg/sns-monitoring-using-cloudwatch.html
Lambda:      .../lambda/latest/dg/monitoring-metrics-types.html
API Gateway: .../apigateway/latest/developerguide/api-gateway-metrics-and-dimensions.html
DynamoDB:    .../amazondynamodb/latest/developerguide/metrics-dimensions.html, and its causes of throttling:
             .../amazondynamodb/latest/developerguide/TroubleshootingThrottling-cloudwatch.html
"""

from edges import metrics

_THROTTLES = {
    f"{done}{cause}ThrottleEvents"
    for done in ("Read", "Write")
    for cause in ("", "AccountLimit", "KeyRangeThroughput", "MaxOnDemandThroughput")
}

_KNOWN: dict[tuple[str, frozenset[str]], set[str]] = {
    ("AWS/Events", frozenset({"EventBusName", "RuleName"})): {
        "FailedInvocations",
        "InvocationsFailedToBeSentToDlq",
        "InvocationsSentToDlq",
        "MatchedEvents",
    },
    ("AWS/SQS", frozenset({"QueueName"})): {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"},
    ("AWS/SNS", frozenset({"TopicName"})): {
        "NumberOfNotificationsFailed",
        "NumberOfNotificationsFailedToRedriveToDlq",
    },
    ("AWS/Lambda", frozenset({"FunctionName"})): {"Duration", "Errors", "Invocations", "Throttles"},
    ("AWS/Lambda", frozenset()): {"ClaimedAccountConcurrency", "ConcurrentExecutions"},
    ("AWS/ApiGateway", frozenset({"ApiName", "Stage"})): {"4XXError", "5XXError", "Count", "Latency"},
    ("AWS/DynamoDB", frozenset({"TableName"})): _THROTTLES,
    ("AWS/DynamoDB", frozenset({"TableName", "GlobalSecondaryIndexName"})): _THROTTLES,
    ("AWS/DynamoDB", frozenset({"TableName", "Operation"})): {"SystemErrors", "ThrottledRequests"},
    (metrics.NAMESPACE, frozenset({metrics.SERVICE, metrics.STAGE})): {
        each.name for each in vars(metrics).values() if isinstance(each, metrics.OwnMetric)
    },
}


def exists(namespace: str, name: str, dimensions: set[str]) -> bool:
    return name in _KNOWN.get((namespace, frozenset(dimensions)), set())

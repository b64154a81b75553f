"""What a stack's resources hold that no release can make again, by CloudFormation's type.

Every type of the template is in one of the two lists; a type in neither counts as one that holds data.
"""

HOLDS = {
    "AWS::Cognito::UserPool": "the admins and their passwords",
    "AWS::Cognito::UserPoolGroup": "who is an admin",
    "AWS::DynamoDB::Table": "its rows",
    "AWS::EventSchemas::Registry": "the schemas that were published",
    "AWS::Events::Archive": "the events for replays",
    "AWS::Events::EventBus": "the rules of other teams",
    "AWS::KMS::Key": "the key without which what it encrypted cannot be read",
    "AWS::Logs::LogGroup": "its lines",
    "AWS::S3::Bucket": "its objects",
    "AWS::SNS::Topic": "who has subscribed",
    "AWS::SQS::Queue": "the messages that wait",
    "AWS::SecretsManager::Secret": "its value",
}
"""Type -> what is lost with the resource."""

ERASING = {
    "AWS::DynamoDB::Table": {"TimeToLiveSpecification"},
    "AWS::Events::Archive": {"RetentionDays"},
    "AWS::S3::Bucket": {"LifecycleConfiguration"},
    "AWS::SQS::Queue": {"MessageRetentionPeriod"},
    "AWS::SecretsManager::Secret": {"GenerateSecretString", "SecretString"},
}
"""Type -> properties that take data away when they are changed, though the resource stays: a secret's value is made
anew, what is kept is kept for shorter. Logs are left out: how long they are kept is a stage's own setting."""

HOLDS_NOTHING = frozenset(
    {
        "AWS::Athena::WorkGroup",
        "AWS::CloudWatch::Alarm",
        "AWS::CloudWatch::CompositeAlarm",
        "AWS::CloudWatch::Dashboard",
        "AWS::Cognito::UserPoolClient",
        "AWS::Events::EventBusPolicy",
        "AWS::Events::Rule",
        "AWS::Glue::Database",
        "AWS::Glue::Table",
        "AWS::IAM::Role",
        "AWS::KMS::Alias",
        "AWS::Logs::MetricFilter",
        "AWS::S3::BucketPolicy",
        "AWS::SES::Template",
        "AWS::SNS::Subscription",
        "AWS::SNS::TopicPolicy",
        "AWS::SQS::QueuePolicy",
        "AWS::SSM::Parameter",
    }
)
"""What the template says about them is all there is."""

UNJUDGED = "something that infrastructure/holdings.py does not know"


def held_by(type_: str) -> str | None:
    """What is lost with a resource of this type, or None if nothing is."""
    return None if type_ in HOLDS_NOTHING else HOLDS.get(type_, UNJUDGED)

"""The functions' roles as CloudFormation, for tools that judge IAM policies in templates."""

from typing import Any

from infrastructure.functions import functions
from infrastructure.names import title
from infrastructure.policies import policy
from infrastructure.stages import Stage

BY_LAMBDA = {
    "Version": "2012-10-17",
    "Statement": [
        {"Effect": "Allow", "Principal": {"Service": "lambda.amazonaws.com"}, "Action": "sts:AssumeRole"},
    ],
}


def role(document: dict[str, Any]) -> dict[str, Any]:
    """A role as Chalice makes it: one inline policy, assumed by Lambda."""
    policies = [{"PolicyName": "policy", "PolicyDocument": document}]
    return {"Type": "AWS::IAM::Role", "Properties": {"AssumeRolePolicyDocument": BY_LAMBDA, "Policies": policies}}


def role_template(stage: Stage) -> dict[str, Any]:
    """The role of each function of a stage."""
    roles = {title(function.name, "role"): role(policy(function, stage)) for function in functions()}
    return {"AWSTemplateFormatVersion": "2010-09-09", "Resources": roles}

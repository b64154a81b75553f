"""Where CloudFormation reads a stage's template from: a request takes 51,200 bytes of one, a bucket a megabyte."""

import json
from collections.abc import Callable
from contextlib import suppress
from hashlib import sha256
from typing import Any

from botocore.exceptions import ClientError

from infrastructure.access import document, tls_only
from orderwire.console.problem import Problem

LARGEST_TEMPLATE = 1_000_000
"""Bytes."""

ClientOf = Callable[[str], Any]


def template_url(client: ClientOf, body: str) -> str:
    """Puts the template into the account's bucket for templates, which is made when first needed; returns its URL.

    Named after its content, so one that is there already is the same one. Raises Problem.
    """
    content = body.encode()
    if len(content) > LARGEST_TEMPLATE:
        raise Problem(f"The template has {len(content)} bytes; CloudFormation takes {LARGEST_TEMPLATE}.")
    s3 = client("s3")
    region, account = s3.meta.region_name, client("sts").get_caller_identity()["Account"]
    bucket, key = f"orderwire-templates-{account}-{region}", f"{sha256(content).hexdigest()}.json"
    create_bucket(s3, bucket, region)
    s3.put_object(Bucket=bucket, Key=key, Body=content, ContentType="application/json", ExpectedBucketOwner=account)
    return f"https://s3.{region}.amazonaws.com/{bucket}/{key}"


def create_bucket(s3: Any, bucket: str, region: str) -> None:
    """S3 makes new buckets private and encrypted; only TLS has to be required, by a policy. A process may have been cut
    off before it put the policy, so every call puts it if there is none; one that is there stays as it is."""
    place = {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=bucket, **place)
    if not has_policy(s3, bucket):
        s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(bucket_policy(f"arn:{s3.meta.partition}:s3:::{bucket}")))


def has_policy(s3: Any, bucket: str) -> bool:
    try:
        s3.get_bucket_policy(Bucket=bucket)
    except ClientError as error:
        if error.response["Error"]["Code"] != "NoSuchBucketPolicy":
            raise
        return False
    return True


def bucket_policy(arn: str) -> dict[str, Any]:
    return document(tls_only(["s3:*"], [arn, f"{arn}/*"]))

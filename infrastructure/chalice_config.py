"""Chalice's configuration (`.chalice/config.json`): stages and functions, from their declarations.

Chalice's own policy generation asks for every resource there is, so it is off and each function has its file.
`reserved_concurrency` is left alone: it would take from the account what other functions need, and a consumer's
concurrency is bounded at its queue.
"""

from collections.abc import Iterable
from typing import Any

from edges.functions import Function
from infrastructure.names import API_STAGE
from infrastructure.policies import file_name
from infrastructure.stages import Stage

ANY_MACHINE = "x86_64"
"""What the committed file says for a stage without an architecture of its own; `orderwire.release.packaging` puts in
that of the machine that packages."""

COMPRESS_FROM = 1024
"""Bytes from which API Gateway compresses an answer; below, compression costs more than it saves."""


def config(stages: Iterable[Stage], functions: Iterable[Function]) -> dict[str, Any]:
    """The whole of config.json."""
    declared = list(functions)
    return {
        "version": "2.0",
        "app_name": "orderwire",
        "automatic_layer": True,
        "autogen_policy": False,
        "api_gateway_endpoint_type": "REGIONAL",
        "minimum_compression_size": COMPRESS_FROM,
        "stages": {stage.name: stage_config(stage, declared) for stage in stages},
    }


def stage_config(stage: Stage, functions: Iterable[Function]) -> dict[str, Any]:
    return {
        "api_gateway_stage": API_STAGE,
        "lambda_architecture": stage.architecture or ANY_MACHINE,
        "environment_variables": stage.environment,
        "tags": {"orderwire": stage.name},
        "xray": stage.traced,
        "lambda_functions": {function.name: function_config(function, stage) for function in functions},
    }


def function_config(function: Function, stage: Stage) -> dict[str, Any]:
    return {
        "iam_policy_file": file_name(function, stage.name),
        "lambda_timeout": function.timeout,
        "lambda_memory_size": function.memory,
    }

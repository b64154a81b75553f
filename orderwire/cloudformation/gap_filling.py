"""Makes in the embedded AWS what its CloudFormation does not know, through each service's own API."""

import json
from contextlib import suppress
from typing import Any

from infrastructure.stages import Stage
from orderwire.cloudformation.gaps import Gap, emulator_gaps
from orderwire.cloudformation.template_bucket import ClientOf
from orderwire.console.problem import Problem


def gaps(client: ClientOf, stage: Stage, body: str) -> list[Gap]:
    """Those of a template, which is text in JSON."""
    account = client("sts").get_caller_identity()["Account"]
    return emulator_gaps(json.loads(body)["Resources"], stage, client("cloudformation").meta.region_name, account)


def fill(client: ClientOf, gap: Gap) -> None:
    """Creates or updates what CloudFormation would have."""
    match gap.type:
        case "AWS::Events::Archive":
            fill_archive(client("events"), gap.properties)
        case "AWS::SES::Template":
            fill_mail(client("ses"), gap.properties["Template"])
        case _:
            raise unknown(gap)


def empty(client: ClientOf, gap: Gap) -> None:
    """Deletes what CloudFormation would have, if it is there."""
    match gap.type:
        case "AWS::Events::Archive":
            events = client("events")
            with suppress(events.exceptions.ResourceNotFoundException):
                events.delete_archive(ArchiveName=gap.properties["ArchiveName"])
        case "AWS::SES::Template":
            client("ses").delete_template(TemplateName=gap.properties["Template"]["TemplateName"])
        case _:
            raise unknown(gap)


def unknown(gap: Gap) -> Problem:
    return Problem(
        f"{gap.type} cannot be created in the embedded AWS: orderwire/cloudformation/gap_filling.py does not know how."
    )


def fill_archive(client: Any, properties: dict[str, Any]) -> None:
    request = {
        "ArchiveName": properties["ArchiveName"],
        "EventPattern": json.dumps(properties["EventPattern"]),
        "RetentionDays": properties["RetentionDays"],
    }
    try:
        client.create_archive(EventSourceArn=properties["SourceArn"], **request)
    except client.exceptions.ResourceAlreadyExistsException:
        client.update_archive(**request)


def fill_mail(client: Any, template_: dict[str, str]) -> None:
    try:
        client.create_template(Template=template_)
    except client.exceptions.AlreadyExistsException:
        client.update_template(Template=template_)

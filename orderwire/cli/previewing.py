"""`orderwire subscriptions preview`."""

from collections.abc import Iterator, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.table import Table

from orderwire.cli.options import HOME, HomeFolder, Json, StageName, at
from orderwire.console.output import emit_json, in_cell, out, say
from orderwire.operate.replay.period import beginning
from schemas.types import parse_time

if TYPE_CHECKING:
    from eventbridge_rules.verdict import Verdict

    from orderwire.subscriptions.costs import Cost
    from orderwire.subscriptions.previewing import Preview

app = typer.Typer()

Rule = Annotated[Path, typer.Argument(help="A subscription or a pattern.")]
Since = Annotated[str, typer.Option(help="How far back, for example 2h or 7d, or a time.")]

MINUTE = "%Y-%m-%d %H:%M"
CENT = Decimal("0.01")


@app.command()
def preview(
    file: Rule, since: Since = "7d", as_json: Json = False, stage: StageName = "local", home: HomeFolder = HOME
) -> None:
    """Show how many of the events in the backup a rule would have heard, day by day, and what it would cost.

    Exit code 1 if it would have heard none and is not known to hear any; 2 if the backup cannot tell.
    """
    from orderwire.contracts.published import published
    from orderwire.operate.search import Backup
    from orderwire.subscriptions.checking import checked_file, rule_in
    from orderwire.subscriptions.previewing import hears_only_live, preview, target_in

    where = at(stage, home)
    pattern, shapes, now = rule_in(file, where.stage), published(), where.edges.clock.now()
    backup = Backup(where.client("athena"), where.stage.name, where.edges.clock.sleep)
    found = preview(backup, pattern, shapes, beginning(since, now), now)
    verdict = None if found.most else checked_file(file, where.stage, shapes).verdict
    warnings = list(warnings_about(found, hears_only_live(pattern)))
    bills = bills_for(found, target_in(file))
    if as_json:
        emit_json(as_document(file, stage, found, verdict, warnings, bills))
    else:
        say(f"What {file} would have heard from {found.since:{MINUTE}} to {found.until:{MINUTE}} UTC:\n")
        show(found, verdict, warnings, bills)
    if verdict and not verdict.hears:
        raise typer.Exit(1)


def warnings_about(found: "Preview", only_live: bool) -> Iterator[str]:
    from orderwire.subscriptions.previewing import undecided

    if found.begins > found.since:
        yield f"the backup begins at {found.begins:{MINUTE}} UTC, later than --since: what was before is not counted"
    if found.open:
        yield f"how many exactly is not known: {undecided(found.open)}"
    if not only_live:
        yield "replays and smoke orders, which the rule does not leave out, are not in the backup and not counted"


def bills_for(found: "Preview", target: Any) -> dict[str, list["Cost"]]:
    """For each target that the rule may have (one, if the file says it) what it costs in a month, at most."""
    from orderwire.subscriptions.costs import SERVICES, costs, costs_of

    _, most = found.a_month
    if target is not None:
        return {target.service: costs_of(target, most)}
    return {service: costs(service, elsewhere=False, read_by_mail=False, a_month=most) for service in SERVICES}


def as_document(
    file: Path,
    stage: str,
    found: "Preview",
    verdict: "Verdict | None",
    warnings: Sequence[str],
    bills: dict[str, list["Cost"]],
) -> dict[str, Any]:
    return {
        "file": str(file),
        "stage": stage,
        "since": found.since,
        "until": found.until,
        "begins": found.begins,
        "named": found.named,
        "least": found.least,
        "most": found.most,
        "days": [{**asdict(day), "day": f"{day.day:%Y-%m-%d}"} for day in found.days],
        "newest": [row(event) for event in found.newest],
        "example": found.newest[0] if found.newest else None,
        "open": [{"path": field.pointer, "field": field.path} for field in found.open],
        "warnings": warnings,
        "verdict": verdict and asdict(verdict),
        "month": month(found, bills),
    }


def month(found: "Preview", bills: dict[str, list["Cost"]]) -> dict[str, Any]:
    """Deliveries and costs of a month, for each target that the rule may have."""
    from orderwire.subscriptions.costs import AS_OF, REGION

    least, most = found.a_month
    return {
        "least": least.events,
        "most": most.events,
        "currency": "USD",
        "prices": f"{REGION}, {AS_OF}",
        "targets": {
            service: {"dollars": sum(cost.dollars for cost in costs), "costs": [asdict(cost) for cost in costs]}
            for service, costs in bills.items()
        },
    }


def row(event: dict[str, Any]) -> dict[str, Any]:
    """What a line of the table says of an event; `total` is the amount of whatever it is about."""
    data = event["detail"]["data"]
    return {
        "occurred_at": event["detail"]["metadata"]["occurred_at"],
        "type": event["detail-type"],
        "order_id": data["order_id"],
        "total": data.get("total", data.get("amount")),
        "currency": data.get("currency"),
    }


def show(found: "Preview", verdict: "Verdict | None", warnings: Sequence[str], bills: dict[str, list["Cost"]]) -> None:
    out.print(days_of(found))
    for warning in warnings:
        say(f"! {warning}", "yellow")
    if verdict:
        place = f" (at {verdict.path})" if verdict.path else ""
        say(f"\nIt heard nothing. The rule's verdict is {verdict.verdict}: {verdict.reason}{place}")
    if found.newest:
        out.print("\nThe newest that it heard:")
        out.print(newest_of(found))
    if found.most:
        show_costs(found, bills)


def days_of(found: "Preview") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("day (UTC)")
    for title in ("heard", "of", "share"):
        table.add_column(title, justify="right")
    for day in found.days:
        table.add_row(f"{day.day:%Y-%m-%d}", span(day.least, day.most), f"{day.named}", share(day))
    table.add_row("all", span(found.least, found.most), f"{found.named}", share(found), style="bold")
    return table


def span(least: int, most: int) -> str:
    return str(most) if least == most else f"{least} to {most}"


def share(counted: Any) -> str:
    """Of the events that the rule names by source, type and version."""
    if not counted.named:
        return "-"
    least, most = (f"{number / counted.named:.0%}" for number in (counted.least, counted.most))
    return most if least == most else f"{least} to {most}"


def newest_of(found: "Preview") -> Table:
    table = Table(box=None, pad_edge=False, header_style="bold")
    for title in ("at", "type", "order"):
        table.add_column(title, overflow="fold")
    table.add_column("total", justify="right")
    for each in map(row, found.newest):
        total = "-" if each["total"] is None else f"{each['total']:.2f} {each['currency']}"
        said = (f"{parse_time(each['occurred_at']):{MINUTE}}", each["type"], each["order_id"], total)
        table.add_row(*map(in_cell, said))
    return table


def show_costs(found: "Preview", bills: dict[str, list["Cost"]]) -> None:
    from orderwire.subscriptions.costs import AS_OF, REGION

    least, most = found.a_month
    hours = found.covered.total_seconds() / 3600
    deliveries = f"{span(least.events, most.events)} deliveries, reckoned from {hours:.0f} hours"
    say(f"\nA month of it: {deliveries}. At {REGION}'s prices of {AS_OF}:")
    for service, costs in bills.items():
        for cost in costs:
            say(f"  {money(cost.dollars):>8}  {cost.what}: {cost.formula} (the {cost.payer}'s account)")
        if len(costs) > 1:
            say(f"  {money(sum((cost.dollars for cost in costs), Decimal())):>8}  {service} in all")
    say("The event itself and its delivery within the account are paid for when it is published.")


def money(dollars: Decimal) -> str:
    return "< $0.01" if 0 < dollars < CENT else f"${dollars:,.2f}"

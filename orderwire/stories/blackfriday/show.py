"""Prints the story's figures."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from orderwire.console.output import emit_json, out, print_table, table_of
from orderwire.stories.blackfriday.judge import Story
from orderwire.stories.check import Check
from orderwire.stories.tables import checks_table, closing


@dataclass(frozen=True)
class Held:
    """An order that waits in a dead-letter queue: `letters` is with how many messages."""

    order_id: str
    letters: int
    why: str


def held(story: Story) -> list[Held]:
    found: dict[str, list[str]] = {}
    for letter in story.found.letters:
        found.setdefault(str(letter.order_id), []).append(f"{letter.error}")
    return [Held(order_id, len(why), "; ".join(dict.fromkeys(why))) for order_id, why in found.items()]


def lasted(story: Story) -> float:
    """Seconds from the first order of the rush to its last."""
    placed = [row.placed_at for key, row in story.books.orders.items() if key in story.rush and row.placed_at]
    return (max(placed) - min(placed)).total_seconds() if placed else 0.0


def show(story: Story, found: Sequence[Check], seconds: float, as_json: bool) -> None:
    good = not any(each.wrong for each in found)
    if as_json:
        letters = [asdict(each) for each in story.found.letters]
        checked = [asdict(each) for each in found]
        emit_json({"good": good, "seconds": round(seconds, 1), "checks": checked, "dead_letters": letters})
        return
    rush = f"a rush of {len(story.rush)} orders in {lasted(story):.0f} s"
    out.print(f"Dead letters of payment after {rush}:\n", highlight=False)
    if story.found.letters:
        print_table(table_of(held(story)))
    out.print("\nThe provider's entries were mended, the dead letters sent back. How it ended:\n")
    print_table(checks_table(found))
    wrong = sum(1 for each in found if each.wrong)
    out.print()
    if good:
        out.print(closing(True, "The story ended as it is told.", seconds))
    else:
        out.print(closing(False, f"The story did not end as it is told: {wrong} checks failed.", seconds))

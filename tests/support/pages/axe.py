"""axe-core: checks a page against the rules for accessibility that a program can check."""

from dataclasses import dataclass

from playwright.sync_api import Page

SERIOUS = {"serious", "critical"}


@dataclass(frozen=True)
class Axe:
    source: str

    def problems(self, page: Page) -> list[str]:
        """The serious and critical ones of the page as it stands: the rule, and where it is broken."""
        page.evaluate(self.source)
        found = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{violation['id']}: {node['html']} {node.get('failureSummary', '')}"
            for violation in found["violations"]
            if violation["impact"] in SERIOUS
            for node in violation["nodes"]
        ]

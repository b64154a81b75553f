"""Chromium with fonts of a test's choice, whatever else the machine has."""

import subprocess
from dataclasses import dataclass
from pathlib import Path
from xml.sax.saxutils import escape

from tests.support.tools import missing


@dataclass(frozen=True)
class Fonts:
    """The families that a reader's machine has: what it shows for serif, sans-serif and monospace."""

    serif: str
    sans: str
    mono: str

    def environment(self, folder: Path) -> dict[str, str]:
        """What a program started with it needs to find these families and no others; files go into `folder`.

        Skips or fails the test where a family is not installed.
        """
        fonts = folder / "fonts"
        fonts.mkdir(parents=True, exist_ok=True)
        for family in {self.serif, self.sans, self.mono}:
            for file in files(family):
                link = fonts / file.name
                if not link.exists():
                    link.symlink_to(file)
        config = folder / "fonts.conf"
        config.write_text(self._config(fonts, folder / "cache"))
        return {"FONTCONFIG_FILE": str(config)}

    def _config(self, fonts: Path, cache: Path) -> str:
        generic = {"serif": self.serif, "sans-serif": self.sans, "system-ui": self.sans, "monospace": self.mono}
        aliases = [
            f"<match><test name='family'><string>{name}</string></test>"
            f"<edit name='family' mode='prepend' binding='strong'><string>{escape(family)}</string></edit></match>"
            for name, family in generic.items()
        ]
        last = f"<match><edit name='family' mode='append_last'><string>{escape(self.sans)}</string></edit></match>"
        return f"<fontconfig><dir>{fonts}</dir><cachedir>{cache}</cachedir>{''.join(aliases)}{last}</fontconfig>"


def files(family: str) -> list[Path]:
    """A family's font files."""
    try:
        found = subprocess.run(
            ["fc-list", f":family={family}", "file"], capture_output=True, text=True, check=True
        ).stdout
    except FileNotFoundError:
        found = ""
    if not found:
        missing(f"The font {family}", "apt-get install -y fontconfig fonts-dejavu-core fonts-liberation")
    return [Path(line.strip().rstrip(":")) for line in found.splitlines()]

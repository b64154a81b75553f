"""Writes what is committed: `infrastructure/template.yaml`, `.chalice/config.json`, a policy file per function and
stage, the Pythons that GitHub's workflows set up, and what pages of docs/ say of the declarations. Run:
`python -m infrastructure.render`. Files of functions that are gone are removed.
"""

import json
import tomllib
from pathlib import Path
from typing import Any

from infrastructure import documents
from infrastructure.alarms.resources import RUNBOOK
from infrastructure.chalice_config import config
from infrastructure.functions import functions
from infrastructure.policies import file_name, leftovers, policy
from infrastructure.stack.template import template
from infrastructure.stack.text import as_yaml
from infrastructure.stages import LASTING_PYTHON, STAGES

ROOT = Path(__file__).resolve().parent.parent
TEMPLATE = "infrastructure/template.yaml"
PYTHON, OLDEST_PYTHON = ".github/python-version", ".github/python-oldest"
"""What actions/setup-python reads: a version and nothing else."""
NOTE = "# Rendered by `python -m infrastructure.render` from the declarations; edit those.\n"


def rendered() -> dict[str, str]:
    """Path below the repository -> text of every file that is rendered."""
    declared = list(functions())
    policies = {
        f".chalice/{file_name(function, stage.name)}": as_json(policy(function, stage))
        for stage in STAGES.values()
        for function in declared
    }
    return {
        TEMPLATE: NOTE + as_yaml(template()),
        ".chalice/config.json": as_json(config(STAGES.values(), declared)),
        documents.ARCHITECTURE: documents.architecture((ROOT / documents.ARCHITECTURE).read_text(encoding="utf-8")),
        RUNBOOK: documents.runbook((ROOT / RUNBOOK).read_text(encoding="utf-8")),
        PYTHON: f"{LASTING_PYTHON}\n",
        OLDEST_PYTHON: f"{oldest_python((ROOT / 'pyproject.toml').read_text(encoding='utf-8'))}\n",
        **policies,
    }


def oldest_python(project: str) -> str:
    """The oldest version that a pyproject.toml takes, say 3.11."""
    return str(tomllib.loads(project)["project"]["requires-python"]).removeprefix(">=")


def as_json(document: dict[str, Any]) -> str:
    return json.dumps(document, indent=2) + "\n"


def main() -> None:
    files = rendered()
    for path in leftovers(ROOT, files):
        path.unlink()
    for name, text in files.items():
        (ROOT / name).write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()

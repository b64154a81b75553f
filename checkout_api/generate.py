"""Writes `docs/openapi.json`, what GET /openapi.json answers in a stage but `local` whose book store is open. Run:
`python -m checkout_api.generate`.
"""

import json
from pathlib import Path

from checkout_api.authorizer import published_keys
from checkout_api.http.admins import Admins
from checkout_api.http.openapi import document
from checkout_api.registry import routes
from edges.connect import Edges
from edges.settings import Settings

HOME = Path(__file__).resolve().parent.parent / "docs" / "openapi.json"


def rendered() -> str:
    edges = Edges(Settings(stage="any", books="open"))
    return json.dumps(document(routes(edges, Admins(edges, published_keys))), indent=2) + "\n"


def main() -> None:
    HOME.write_text(rendered())


if __name__ == "__main__":
    main()

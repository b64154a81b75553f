"""What the worker process is told when it is started, and what it reports."""

import json
from dataclasses import asdict, dataclass
from typing import Self


@dataclass(frozen=True)
class Options:
    """`home` is a folder; `held` and `report` are file descriptors: of the socket at which the API is served, None for
    no API, and of what the worker reports to. `catalog` is a CSV file with what is for sale at first. `json_log` leaves
    the log lines as Lambda has them.

    The worker reports JSON lines: `{"step": "..."}` for each thing it begins, and at last `{"api": "<its URL>"}`.
    """

    home: str
    held: int | None
    report: int
    catalog: str
    json_log: bool = False

    def text(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, text: str) -> Self:
        return cls(**json.loads(text))

"""What the OpenAPI document says of a route and cannot know from its method and path."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Description:
    """Types are any that pydantic can describe.

    `answer` is what a success with `status` has as its body, `body` what the request has. `params` (of the path),
    `query` and `headers` map the request's parameters to their types, `sent` the headers of a success to what they say.
    `problems` maps a status to when the route answers it; what follows from the declaration of a route is added.
    `admin` says when an admin's token is needed on a route that is not for admins alone.
    """

    summary: str
    answer: Any
    status: int = 200
    body: Any = None
    body_required: bool = True
    params: Mapping[str, Any] = field(default_factory=dict)
    query: Mapping[str, Any] = field(default_factory=dict)
    headers: Mapping[str, Any] = field(default_factory=dict)
    sent: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[int, str] = field(default_factory=dict)
    admin: str = ""

"""A mail template as SES fills it in: once, so that a value which looks like a placeholder stays as it is."""

import json
import re
from collections.abc import Mapping
from typing import Any

_PLACEHOLDER = re.compile(r"\{\{\s*([^{}\s]+)\s*\}\}")
_PARTS = {"Subject": "SubjectPart", "Text": "TextPart", "Html": "HtmlPart"}


def filled_in(template: Mapping[str, str], given: str | Mapping[str, Any] | None) -> dict[str, str]:
    """Part of a mail -> its text. A placeholder without a value stays. Blocks, such as `{{#if}}`, are not known."""
    try:
        read = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        read = None
    values = read if isinstance(read, dict) else {}

    def value_of(placeholder: re.Match[str]) -> str:
        return str(values[placeholder[1]]) if placeholder[1] in values else placeholder[0]

    return {part: _PLACEHOLDER.sub(value_of, template.get(field) or "") for part, field in _PARTS.items()}

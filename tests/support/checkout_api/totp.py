"""An authenticator app."""

import base64
import hmac
import time


def code(secret: str) -> str:
    """The six digits that it shows now for a secret in base32 (RFC 6238)."""
    digest = hmac.digest(base64.b32decode(secret), int(time.time() // 30).to_bytes(8, "big"), "sha1")
    start = digest[-1] & 15
    return f"{(int.from_bytes(digest[start : start + 4], 'big') & 0x7FFFFFFF) % 1_000_000:06}"

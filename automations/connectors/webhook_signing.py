"""Sign requests by Standard Webhooks, so that the receiver can tell that they come from this store."""

from __future__ import annotations

import base64
import binascii
import datetime as dt
from collections.abc import Sequence

from standardwebhooks import Webhook

_PREFIX = "whsec_"
_SHORTEST, _LONGEST = 24, 64


class BadSecret(ValueError):
    """`str(error)` is a sentence for the user."""


def signed_headers(secrets: Sequence[str], key: str, body: str, now: dt.datetime) -> dict[str, str]:
    """Return the three signature headers of a request, with one signature per secret (two during a rotation).

    Raises BadSecret.
    """
    signatures = [_webhook(secret).sign(key, now, body) for secret in secrets]
    return {
        "webhook-id": key,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": " ".join(signatures),
    }


def secret_problem(secret: str) -> str | None:
    """Return why a secret cannot be used for signing, as a sentence, or None."""
    try:
        _webhook(secret)
    except BadSecret as error:
        return str(error)
    return None


def _webhook(secret: str) -> Webhook:
    text = secret.strip().removeprefix(_PREFIX)
    try:
        key = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _bad() from error
    if not _SHORTEST <= len(key) <= _LONGEST:
        raise _bad()
    return Webhook(key)


def _bad() -> BadSecret:
    return BadSecret(
        f"A signing secret is “{_PREFIX}” and {_SHORTEST} to {_LONGEST} random bytes in base64. "
        "Copy it whole."
    )

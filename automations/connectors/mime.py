"""An outgoing email as the bytes that go over the wire."""

from __future__ import annotations

import hashlib
import re
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import formatdate

from automations.connectors.email_message import OutgoingEmail
from automations.connectors.plain_text import header_text, plain

_SUBJECT = 250
_ADDRESS = 500


def to_bytes(email: OutgoingEmail) -> bytes:
    """The message with its headers; ASCII only, so any server takes it."""
    return to_message(email).as_bytes(policy=SMTP)


def to_message(email: OutgoingEmail) -> EmailMessage:
    """Headers are made from typed addresses and one-line texts: none of them can add another header."""
    message = EmailMessage(policy=SMTP)
    message["From"] = email.sender.as_header()
    message["To"] = email.to.as_header()
    message["Subject"] = header_text(email.subject, _SUBJECT)
    message["Date"] = formatdate(localtime=False)
    message["Message-ID"] = message_id(email)
    message["Auto-Submitted"] = "auto-generated"
    if email.unsubscribe_url:
        message["List-Unsubscribe"] = f"<{header_text(email.unsubscribe_url, _ADDRESS)}>"
        message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    message.set_content(plain(email.text), charset="utf-8", cte="quoted-printable")
    return message


def message_id(email: OutgoingEmail) -> str:
    """The same for every try of one key, and different for different keys."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", email.key).strip("-")[:40]
    unique = hashlib.sha256(email.key.encode("utf-8", "replace")).hexdigest()[:16]
    return f"<{readable or 'message'}.{unique}@{email.sender.domain}>"

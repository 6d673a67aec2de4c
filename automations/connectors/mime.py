"""An outgoing email as the bytes that go over the wire."""

from __future__ import annotations

import binascii
import hashlib
import re
import secrets
from email.message import MIMEPart
from email.policy import SMTP
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

from automations.connectors.email_message import OutgoingEmail, Picture
from automations.connectors.header_lines import LONGEST, addresses_line, mailbox_line, text_line, whole_line
from automations.connectors.plain_text import header_text, one_line, plain
from automations.connectors.stored_file import StoredFile

_WRITTEN = 'Content-Type: text/{}; charset="utf-8"\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n'
_ONE_CLICK = "List-Unsubscribe"
#: What keeps its meaning in a web address; spaces, angle brackets and other letters are escaped.
_OF_ADDRESSES = "%/:?#[]@!$&'()*+,;=~"


def to_bytes(email: OutgoingEmail) -> bytes:
    """The message with its headers; ASCII only, so any server takes it.

    Headers are made from typed addresses and one-line texts: none of them can add another header.
    """
    body = _written("plain", email.text)
    if email.html:
        html = _together("related", _written("html", email.html), *map(_picture, email.pictures))
        # Mail programs show the last part they can show: the text first, then the HTML with its pictures.
        body = _together("alternative", body, html)
    body = _together("mixed", body, *map(_attachment, email.attachments))
    return "\r\n".join([*_headers(email), "MIME-Version: 1.0", ""]).encode("ascii") + body


def _written(subtype: str, text: str) -> bytes:
    """Return a text as a part with its headers; the email library takes half a millisecond for one."""
    lines = [*plain(text).encode().splitlines(), b""]
    quoted = binascii.b2a_qp(b"\r\n".join(lines), istext=True)
    return _WRITTEN.format(subtype).encode("ascii") + quoted


def _together(subtype: str, *parts: bytes) -> bytes:
    """Return the parts as one; a single one as it is."""
    if len(parts) == 1:
        return parts[0]
    # Neither quoted text nor base64 can contain the first two characters.
    boundary = f"=_{secrets.token_hex(12)}"
    mark = f"--{boundary}".encode("ascii")
    head = f'Content-Type: multipart/{subtype}; boundary="{boundary}"\r\n\r\n'.encode("ascii")
    return head + b"".join(mark + b"\r\n" + part + b"\r\n" for part in parts) + mark + b"--\r\n"


def _picture(picture: Picture) -> bytes:
    name = f"{picture.name}.{picture.type}"
    kind = ("image", picture.type)
    return _file(picture.content, *kind, disposition="inline", filename=name, cid=f"<{picture.name}>")


def _attachment(file: StoredFile) -> bytes:
    maintype, _, subtype = file.type.partition("/")
    return _file(file.content, maintype, subtype, disposition="attachment", filename=file.name)


def _file(content: bytes, maintype: str, subtype: str, **named: Any) -> bytes:
    part = MIMEPart(policy=SMTP)
    part.set_content(content, maintype, subtype, **named)
    return part.as_bytes(policy=SMTP)


def message_id(email: OutgoingEmail) -> str:
    """The same for every try of one key, and different for different keys."""
    readable = re.sub(r"[^A-Za-z0-9]+", "-", email.key).strip("-")[:40]
    unique = hashlib.sha256(email.key.encode("utf-8", "replace")).hexdigest()[:16]
    return f"<{readable or 'message'}.{unique}@{email.sender.domain}>"


def _headers(email: OutgoingEmail) -> list[str]:
    lines = [
        mailbox_line("From", header_text(email.sender.name), email.sender.address),
        mailbox_line("To", header_text(email.to.name), email.to.address),
        text_line("Subject", header_text(email.subject)),
        whole_line("Date", formatdate(localtime=False)),
        whole_line("Message-ID", message_id(email)),
        whole_line("Auto-Submitted", "auto-generated"),
    ]
    if email.cc:
        lines.append(addresses_line("Cc", [contact.address for contact in email.cc]))
    if email.reply_to:
        lines.append(mailbox_line("Reply-To", header_text(email.reply_to.name), email.reply_to.address))
    return lines + _unsubscribing(email.unsubscribe_url)


def _unsubscribing(url: str) -> list[str]:
    line = whole_line(_ONE_CLICK, f"<{quote(one_line(url), safe=_OF_ADDRESSES)}>")
    # Part of an address would lead nowhere; the text of the message has it too.
    if not url or len(line) >= LONGEST:
        return []
    return [line, whole_line(f"{_ONE_CLICK}-Post", f"{_ONE_CLICK}=One-Click")]

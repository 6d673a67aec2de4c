"""An outgoing email as the bytes that go over the wire."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from email.message import EmailMessage, MIMEPart
from email.policy import SMTP
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

from automations.connectors.email_message import OutgoingEmail
from automations.connectors.header_lines import LONGEST, addresses_line, mailbox_line, text_line, whole_line
from automations.connectors.plain_text import header_text, one_line, plain

_WRITTEN: Mapping[str, Any] = {"charset": "utf-8", "cte": "quoted-printable"}
_ONE_CLICK = "List-Unsubscribe"
#: What keeps its meaning in a web address; spaces, angle brackets and other letters are escaped.
_OF_ADDRESSES = "%/:?#[]@!$&'()*+,;=~"


def to_bytes(email: OutgoingEmail) -> bytes:
    """The message with its headers; ASCII only, so any server takes it.

    Headers are made from typed addresses and one-line texts: none of them can add another header.
    """
    body = EmailMessage(policy=SMTP)
    body.set_content(plain(email.text), **_WRITTEN)
    if email.html:
        _add_html(body, email)
    for file in email.attachments:
        maintype, _, subtype = file.type.partition("/")
        body.add_attachment(file.content, maintype, subtype, filename=file.name)
    head = "".join(f"{line}\r\n" for line in _headers(email))
    return head.encode("ascii") + body.as_bytes(policy=SMTP)


def _add_html(body: EmailMessage, email: OutgoingEmail) -> None:
    # Mail programs show the last part they can show: the text first, then the HTML with its pictures.
    body.add_alternative(plain(email.html), subtype="html", **_WRITTEN)
    html = body.get_payload(1)
    if not isinstance(html, MIMEPart):
        raise TypeError("The HTML of an email is a part of it.")
    for picture in email.pictures:
        disposition: Mapping[str, Any] = {
            "disposition": "inline",
            "filename": f"{picture.name}.{picture.type}",
        }
        html.add_related(picture.content, "image", picture.type, cid=f"<{picture.name}>", **disposition)


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

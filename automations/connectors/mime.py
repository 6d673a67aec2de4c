"""An outgoing email as the bytes that go over the wire."""

from __future__ import annotations

import hashlib
import quopri
import re
from email.message import Message, MIMEPart
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import SMTP, Compat32
from email.utils import formatdate
from typing import Any
from urllib.parse import quote

from automations.connectors.email_message import OutgoingEmail, Picture
from automations.connectors.header_lines import LONGEST, addresses_line, mailbox_line, text_line, whole_line
from automations.connectors.plain_text import header_text, one_line, plain
from automations.connectors.stored_file import StoredFile


class _AsWritten(Compat32):
    """Writes the headers of parts of text as they are: short, ASCII, and written here.

    There is nothing to fold in them. The names of files need what SMTP knows of other alphabets.
    """

    def fold_binary(self, name: str, value: str) -> bytes:
        return f"{name}: {value}{self.linesep}".encode("ascii")


_OF_TEXTS = _AsWritten(linesep=SMTP.linesep)
_ONE_CLICK = "List-Unsubscribe"
#: What keeps its meaning in a web address; spaces, angle brackets and other letters are escaped.
_OF_ADDRESSES = "%/:?#[]@!$&'()*+,;=~"


def to_bytes(email: OutgoingEmail) -> bytes:
    """The message with its headers; ASCII only, so any server takes it.

    Headers are made from typed addresses and one-line texts: none of them can add another header.
    """
    body: Message = _written("plain", email.text)
    if email.html:
        html = _together("related", _written("html", email.html), *map(_picture, email.pictures))
        # Mail programs show the last part they can show: the text first, then the HTML with its pictures.
        body = _together("alternative", body, html)
    body = _together("mixed", body, *map(_attachment, email.attachments))
    body["MIME-Version"] = "1.0"
    policy = SMTP if email.pictures or email.attachments else _OF_TEXTS
    return "".join(f"{line}\r\n" for line in _headers(email)).encode("ascii") + body.as_bytes(policy=policy)


def _written(subtype: str, text: str) -> Message:
    # An EmailMessage takes four times as long: it parses the headers that it has just written.
    part = MIMENonMultipart("text", subtype, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(quopri.encodestring((plain(text).removesuffix("\n") + "\n").encode()).decode("ascii"))
    return _as_part(part)


def _together(subtype: str, *parts: Message) -> Message:
    """Return the parts as one; a single one as it is."""
    return parts[0] if len(parts) == 1 else _as_part(MIMEMultipart(subtype, _subparts=parts))


def _as_part(part: Message) -> Message:
    # Only the whole email says it.
    del part["MIME-Version"]
    return part


def _picture(picture: Picture) -> Message:
    name = f"{picture.name}.{picture.type}"
    kind = ("image", picture.type)
    return _file(picture.content, *kind, disposition="inline", filename=name, cid=f"<{picture.name}>")


def _attachment(file: StoredFile) -> Message:
    maintype, _, subtype = file.type.partition("/")
    return _file(file.content, maintype, subtype, disposition="attachment", filename=file.name)


def _file(content: bytes, maintype: str, subtype: str, **named: Any) -> Message:
    part = MIMEPart(policy=SMTP)
    part.set_content(content, maintype, subtype, **named)
    return part


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

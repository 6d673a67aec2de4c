"""A prepared email as a connector takes it: with its HTML and pictures where it has the store's look."""

from __future__ import annotations

import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from automations.actions.shared import attachments
from automations.actions.shared.action_kind import LAYOUT, Prepared
from automations.connectors.connector_set import Connectors, Files
from automations.connectors.contacts import EmailContact, InvalidContact
from automations.connectors.email_message import OutgoingEmail, Picture
from automations.connectors.receipts import Receipt, Refused
from automations.connectors.stored_file import StoredFile
from automations.emails.email_html import AS_SET, html_part
from automations.emails.email_layout import EmailLayout
from automations.emails.email_text import text_part

#: Where a prepared email keeps the address that replies go to.
REPLY_TO = "reply_to"
#: Where it keeps the addresses that get a copy.
CC, BCC = "cc", "bcc"
#: What these are called, in the form of the action and wherever the email is shown.
ALSO_TO = {CC: "Copy to", BCC: "Hidden copy to", REPLY_TO: "Replies go to"}
#: Where it keeps a sentence for each address that gets nothing, as it is none.
MISSED = "missed"
_LOGO = "logo"


@dataclass(frozen=True)
class EmailParts:
    """The two parts of an email; `html` is "" for a plain one."""

    text: str
    html: str = ""


def send_prepared(prepared: Prepared, connectors: Connectors, key: str) -> Receipt:
    """Hand a prepared email to the store's connector. Raises Refused, TryAgain or Uncertain."""
    try:
        email = outgoing(prepared, connectors.files, key)
    except InvalidContact as error:
        raise Refused(str(error)) from error
    receipt = connectors.email.send(email)
    return replace(receipt, missed=(*missed_by(prepared.extra), *receipt.missed))


def also_to(extra: Mapping[str, Any]) -> list[str]:
    """Return who gets a copy of a prepared email, and who the replies: ["Copy to a@x.example"]."""
    return [f"{label} {addresses}" for label, addresses in also_named(extra).items()]


def also_named(extra: Mapping[str, Any]) -> dict[str, str]:
    """Return who gets a copy of a prepared email, and who the replies, by what that is called."""
    kept = ((label, extra.get(name)) for name, label in ALSO_TO.items())
    return {
        label: said if isinstance(said, str) else ", ".join(map(str, said)) for label, said in kept if said
    }


def missed_by(extra: Mapping[str, object]) -> tuple[str, ...]:
    """Return a sentence for each address that gets nothing of a prepared email, as it is none."""
    kept = extra.get(MISSED)
    return tuple(map(str, kept)) if isinstance(kept, list | tuple) else ()


def outgoing(
    prepared: Prepared, files: Files, key: str, to: EmailContact | None = None, subject: str = ""
) -> OutgoingEmail:
    """Return the email, to whom it is prepared for or `to`. Raises InvalidContact, Refused."""
    receiver = to or EmailContact.parse(prepared.to, prepared.to_name)
    sender = EmailContact.parse(prepared.sender, prepared.sender_name)
    subject, url = subject or prepared.subject, str(prepared.extra.get("unsubscribe_url") or "")
    layout = EmailLayout.from_data(prepared.extra.get(LAYOUT))
    (reply_to, *_) = (*_contacts(prepared, REPLY_TO), None)
    email = OutgoingEmail(
        receiver,
        sender,
        subject,
        prepared.body,
        key,
        url,
        reply_to=reply_to,
        cc=_contacts(prepared, CC),
        bcc=_contacts(prepared, BCC),
        attachments=attachments.contents(prepared, files),
    )
    if layout is None:
        return email
    picture = _picture(layout, files)
    html = html_part(layout, prepared.body, subject, f"cid:{picture.name}" if picture else "")
    pictures = (picture,) if picture else ()
    return replace(email, text=text_part(layout, prepared.body), html=html, pictures=pictures)


def _contacts(prepared: Prepared, name: str) -> list[EmailContact]:
    addresses = prepared.extra.get(name) or ()
    listed = [addresses] if isinstance(addresses, str) else addresses
    return [EmailContact.parse(str(address)) for address in listed]


def email_parts(
    layout_data: object, words: str, subject: str, files: Files, scheme: str = AS_SET
) -> EmailParts:
    """Return both parts as a page shows them: with the picture inside the HTML, light or dark."""
    layout = EmailLayout.from_data(layout_data)
    if layout is None:
        return EmailParts(words)
    logo = files.read(layout.look.logo) if layout.look.logo else None
    address = f"data:{logo.type};base64,{b64encode(logo.content).decode()}" if logo else ""
    return EmailParts(text_part(layout, words), html_part(layout, words, subject, address, scheme))


def _picture(layout: EmailLayout, files: Files) -> Picture | None:
    logo = files.read(layout.look.logo) if layout.look.logo else None
    return Picture(_LOGO, _subtype(logo), logo.content) if logo else None


def _subtype(file: StoredFile) -> str:
    return re.sub(r"[^a-z]", "", file.type.rpartition("/")[2])

"""An email as its receiver sees it, for a page that shows it in a frame without scripts and remote files."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

from automations.actions.shared.outgoing_email import email_parts
from automations.connectors.connector_set import Files
from automations.emails.email_html import DARK, LIGHT, style_text
from automations.emails.email_layout import EmailLayout
from automations.emails.email_look import look_of
from automations.models.tables.store import Store
from automations.web.kit.frame_heights import frame_class
from automations.web.kit.frame_styles import allow_frame_styles

#: The policy of the page reaches into the frame as well; this one holds there however the page is changed.
_POLICY = (
    '<meta http-equiv="Content-Security-Policy" '
    "content=\"default-src 'none'; style-src 'unsafe-inline'; img-src data:\">"
)
_SHEETS = (LIGHT, DARK)


@dataclass(frozen=True)
class EmailView:
    """The text of an email, and its HTML as documents of their own, as a light and a dark program show it."""

    text: str
    light: str
    dark: str
    size: int
    #: The classes of its frame.
    height: str


def email_view(layout: object, words: str, subject: str, files: Files) -> EmailView | None:
    """Return the view of an email; None for a plain one. The page that is being made may then frame it."""
    light, dark = (email_parts(layout, words, subject, files, scheme) for scheme in _SHEETS)
    designed = EmailLayout.from_data(layout)
    if designed is None or not light.html:
        return None
    _allow(layout)
    return EmailView(
        text=light.text,
        light=_with_policy(light.html),
        dark=_with_policy(dark.html),
        size=len(light.html.encode()),
        height=frame_class(designed, words),
    )


def expect_emails(store: Store) -> None:
    """Let the page that is being made frame emails of the store that come into it only later.

    A part that is put into a page has the policy with which the page came.
    """
    look = look_of(store.email_look, store.name, "")
    if look is not None:
        _allow(EmailLayout(look).to_data())


def _allow(layout: object) -> None:
    # A frame with its document in an attribute has the policy of the page, which allows no style otherwise.
    allow_frame_styles(tuple(_hash(style_text(layout, scheme)) for scheme in _SHEETS))


def _with_policy(html: str) -> str:
    return html.replace("<head>", f"<head>{_POLICY}", 1)


def _hash(style: str) -> str:
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"'sha256-{digest}'"

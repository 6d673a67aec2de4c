"""How an email of an action looks: its settings, its checks, and the layout around its words."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import wtforms
from wtforms.fields.choices import SelectChoice

from automations.actions.shared import skip_reasons
from automations.actions.shared.action_kind import LAYOUT, Settings, Situation, Skipped, text_of
from automations.actions.shared.order_table import order_table
from automations.actions.shared.recipients import CUSTOMER
from automations.actions.shared.text_templates import problems_of, rendered
from automations.connectors.plain_text import one_line
from automations.emails.email_layout import Button, EmailLayout
from automations.emails.email_words import email_words
from automations.engine.fields.subject import Subject
from automations.engine.rules.rule import Problem

STORE, PLAIN = "store", "plain"
AUTO, NONE = "auto", "none"
LOOKS = ((STORE, "The store’s look"), (PLAIN, "Plain text"))
LINES = ((AUTO, "Below the text, unless the text lists them"), (NONE, "Not shown"))
OPTIONAL = ("button", "button_link", "look", "lines")
SHOWN_WHEN: Mapping[str, tuple[str, str]] = {"lines": ("look", STORE)}
_STARTS = ("https://", "http://", "{{", "{%")


def button_fields() -> tuple[wtforms.StringField, wtforms.StringField]:
    """Return the fields of the button: its words and where it leads."""
    # The order in which they are made is the order of the form.
    words = wtforms.StringField("Button")
    attributes = {"placeholder": "https://", "autocomplete": "off"}
    return words, wtforms.StringField("Button leads to", render_kw=attributes)


def look_field() -> wtforms.SelectField:
    """Return the field that chooses between the store's look and plain text."""
    return wtforms.SelectField("Look", choices=[SelectChoice(*choice) for choice in LOOKS], default=STORE)


def lines_field() -> wtforms.SelectField:
    """Return the field that says whether the lines of the order stand below the text."""
    return wtforms.SelectField("Order items", choices=[SelectChoice(*one) for one in LINES], default=AUTO)


def design_problems(settings: Settings, subject: Subject) -> list[Problem]:
    """Return what is wrong with the look and the button of an email."""
    problems = [
        Problem(f"settings.{name}", sentence)
        for name, choices, sentence in (
            ("look", LOOKS, "Choose the store’s look or plain text."),
            ("lines", LINES, "Choose whether the items of the order are shown."),
        )
        if settings.get(name) not in (None, "", *dict(choices))
    ]
    label, link = (text_of(settings, name).strip() for name in ("button", "button_link"))
    if link and not label:
        problems.append(Problem("settings.button", "Enter what the button says."))
    if label and not link:
        problems.append(Problem("settings.button_link", "Enter the web address the button leads to."))
    if link and not link.startswith(_STARTS):
        sentence = "Enter a whole web address, such as https://shop.example/orders."
        problems.append(Problem("settings.button_link", sentence))
    for name in ("button", "button_link"):
        problems += problems_of(settings, name, subject)
    return problems


def designed(settings: Settings, situation: Situation, words: str) -> tuple[str, dict[str, Any]]:
    """Return the words of an email, and what a prepared message keeps of its look. Raises Skipped.

    A plain email has its button as a line of text.
    """
    button = _button(settings, situation)
    if situation.look is None or text_of(settings, "look") == PLAIN:
        return (f"{words}\n\n{button.label}:\n{button.url}" if button else words), {}
    layout = EmailLayout(
        look=situation.look,
        language=situation.language,
        button=button,
        table=_table(settings, situation),
        why=_why(settings, situation),
    )
    return words, {LAYOUT: layout.to_data()}


def with_ending(extra: Mapping[str, Any], url: str) -> dict[str, Any]:
    """Return what a marketing email keeps of its look, with why one gets it and the link that ends it."""
    layout = extra[LAYOUT]
    words = email_words(str(layout.get("language", "")))
    ending = {"label": words["unsubscribe"], "url": url}
    return {**extra, LAYOUT: {**layout, "why": words["why_marketing"], "ending": ending}}


def _button(settings: Settings, situation: Situation) -> Button | None:
    label = one_line(rendered(settings, "button", situation)).strip()
    url = one_line(rendered(settings, "button_link", situation)).strip()
    if not label and not url:
        return None
    if not label or not url.startswith(_STARTS[:2]) or " " in url:
        raise Skipped(skip_reasons.button_leads_nowhere(label, url))
    return Button(label, url)


def _table(settings: Settings, situation: Situation) -> Any:
    lists_them = "order.lines" in text_of(settings, "message")
    if situation.subject != "order" or text_of(settings, "lines") == NONE or lists_them:
        return None
    return order_table(situation.context, situation.language)


def _why(settings: Settings, situation: Situation) -> str:
    if text_of(settings, "to") != CUSTOMER:
        return ""
    return email_words(situation.language).get(f"why_{situation.subject}", "")

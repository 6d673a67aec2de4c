"""What a bulk change does, in words: on buttons, and in the audit."""

from __future__ import annotations

from typing import Any

from flask import g

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.models.tables.bulk_change import BulkChange
from automations.web.kit.template_filters import counted
from automations.web.records.kind_pages import BY_SUBJECT, store_words


def records_words(subject: str, count: int) -> str:
    """Return "12 orders", "1 order"."""
    kind = BY_SUBJECT[subject]
    return f"{counted(count)} {(kind.label if count == 1 else kind.title).lower()}"


def button_words(change: BulkChange) -> str:
    """Return what the button does: "Set 12 orders to Picked"."""
    task, these = change.task, records_words(change.subject, change.size)
    if task["kind"] == "run":
        return f"Run “{automation_name(task)}” for {these}"
    if task["kind"] in _TAGS:
        verb, preposition = _TAGS[task["kind"]]
        return f"{verb} the tag “{task['tag']}” {preposition} {these}"
    if change.undoes_id:
        return f"Set {these} back"
    label = choice_label(change.subject, task)
    if task["column"] == "status":
        return f"Set {these} to {label}"
    return f"Set the payment status of {these} to {label}"


def audit_words(change: BulkChange) -> str:
    """Return the same for the audit, which keeps no texts that may be about a person."""
    if change.task["kind"] not in _TAGS:
        return button_words(change)
    verb, preposition = _TAGS[change.task["kind"]]
    return f"{verb} a tag {preposition} {records_words(change.subject, change.size)}"


def choice_label(subject: str, task: dict[str, Any]) -> str:
    lists = {name: list_key for name, _, list_key in BY_SUBJECT[subject].filters}
    return store_words().choice(lists[task["column"]], task["value"])


def automation_name(task: dict[str, Any]) -> str:
    automation = db.session.get(Automation, task["automation_id"])
    return automation.name if automation and automation.store_id == g.store.id else "an automation"


_TAGS = {"add_tag": ("Add", "to"), "remove_tag": ("Take", "from")}

"""What the bar below a list offers to do with many records, and what was chosen there."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import abort, g

from automations.models.db.base import db
from automations.models.tables.automation import Automation, Version
from automations.pipeline.intake.field_types import LONGEST_TAG
from automations.web.records.kind_pages import RecordPages, store_words

STATUSES = ("status", "payment_status")
EXPORT = "export"
NO_TAG = "Enter the tag."
TOO_LONG = f"A tag has at most {LONGEST_TAG} characters."
GONE = "This choice is no longer offered. Reload the list and choose again."


def offered(kind: RecordPages) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return the dropdown's choices in groups: ("Set the status to", [("set status picked", "Picked")])."""
    words = store_words()
    groups = [
        (
            f"Set the {label.lower()} to",
            [(f"set {name} {key}", text) for key, text in words.options(list_key)],
        )
        for name, label, list_key in kind.filters
        if name in STATUSES
    ]
    groups.append(("A file", [(EXPORT, "Export as CSV")]))
    groups.append(("Tags", [("add_tag", "Add the tag written beside"), ("remove_tag", "Remove the tag")]))
    runs = [(f"run {id}", name) for id, name in db.session.execute(_automations(kind))]
    return [*groups, *([("Run by hand", runs)] if runs else [])]


def chosen(kind: RecordPages, text: str, tag: str) -> dict[str, Any]:
    """Return the task of a choice of the dropdown; aborts with 400 where it is none."""
    return _chosen(kind, text, tag) or abort(400, GONE)


def _chosen(kind: RecordPages, text: str, tag: str) -> dict[str, Any] | None:
    verb, _, rest = text.partition(" ")
    if verb in ("add_tag", "remove_tag"):
        return {"kind": verb, "tag": _tag(tag)}
    if verb == "set":
        column, _, value = rest.partition(" ")
        lists = {name: list_key for name, _, list_key in kind.filters if name in STATUSES}
        if column in lists and value in store_words().choices(lists[column]):
            return {"kind": "set", "column": column, "value": value}
    if verb == "run" and rest.isascii() and rest.isdigit():
        row = db.session.execute(_automations(kind).where(Automation.id == min(int(rest[:19]), 2**63 - 1)))
        if found := row.first():
            version = db.session.get_one(Automation, found.id).active_version
            return {"kind": "run", "automation_id": found.id, "version_id": version.id if version else 0}
    return None


def _automations(kind: RecordPages) -> sa.Select[int, str]:
    live = sa.and_(Version.id == Automation.active_version_id, Version.subject == kind.subject)
    query = sa.select(Automation.id, Automation.name).join(Version, live)
    return query.where(Automation.store_id == g.store.id).order_by(Automation.name)


def _tag(text: str) -> str:
    tag = " ".join(text.split())
    if not tag:
        abort(400, NO_TAG)
    if len(tag) > LONGEST_TAG:
        abort(400, TOO_LONG)
    return tag

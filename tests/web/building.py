"""Helpers for tests of the builder: drafts, and the form as a browser would send it."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

from automations.features.authoring import drafts
from automations.features.starters.gallery import STARTERS
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import User
from automations.models.tables.store import Store
from tests.kit.pages.quick_parser import QuickParser
from tests.world import NOW

HTMX = {"HX-Request": "true"}


def an_automation(store: Store, user: User, name: str = "Confirm paid deliveries", **data: Any) -> int:
    """Create a draft that is ready to publish, changed by `data`, and return its id."""
    draft = {**STARTERS["confirm_paid_deliveries"].data, **data}
    with write() as session:
        return drafts.create(session, store, name, draft, user, NOW).id


def automation(id: int) -> Automation:
    """Return the automation as it is in the database now."""
    db.session.rollback()
    return db.session.get_one(Automation, id, populate_existing=True)


class Form(QuickParser):
    """The successful controls of the first builder form of a page, with the buttons left out."""

    def __init__(self, answer: TestResponse) -> None:
        super().__init__()
        self.values: MultiDict[str, str] = MultiDict()
        self.options: dict[str, list[tuple[str, str]]] = {}
        self.buttons: dict[str, dict[str, str | None]] = {}
        self._form = ""
        self._select = self._option = self._area = ""
        self._text = ""
        self.feed(answer.text)

    def handle_starttag(self, tag: str, pairs: list[tuple[str, str | None]]) -> None:
        attributes = dict(pairs)
        name = attributes.get("name") or ""
        if tag == "form":
            self._form = attributes.get("id") or ""
        owner = attributes.get("form") or self._form
        if not re.fullmatch(r"(automation|segment)-(\d+|new)-form", owner):
            return
        if tag == "button":
            self.buttons[attributes.get("id") or attributes.get("value") or "default"] = attributes
        elif tag == "input" and name:
            if attributes.get("type") != "checkbox" or "checked" in attributes:
                self.values.add(name, attributes.get("value") or "")
        elif tag == "select" and name:
            self._select, self.options[name] = name, []
        elif tag == "option" and self._select:
            self._option, self._text = attributes.get("value") or "", ""
            if "selected" in attributes or self._select not in self.values:
                self.values[self._select] = self._option
        elif tag == "textarea" and name:
            self._area, self._text = name, ""

    def handle_data(self, data: str) -> None:
        self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = ""
        elif tag == "option" and self._select:
            self.options[self._select].append((self._option, self._text.strip()))
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area:
            # Like a browser, drop the line break right after the tag.
            self.values[self._area] = self._text.removeprefix("\r\n").removeprefix("\n")
            self._area = ""


def opened(client: FlaskClient, id: int) -> Form:
    """Return the builder's form as the page shows it."""
    return Form(client.get(f"/automations/{id}"))


def published(client: FlaskClient, id: int, **changes: Any) -> TestResponse:
    """Save the builder's form with some values changed, and publish what the review then shows."""
    saved = send(client, f"/automations/{id}/reviews", opened(client, id), **changes)
    assert saved.status_code == 303, saved.text
    return client.post(f"/automations/{id}/publications", data={"reviewed": str(automation(id).revision)})


def send(client: FlaskClient, path: str, form: Form, **changes: Any) -> TestResponse:
    """Post the form with some values changed: a list is sent as several values, None is left out."""
    values = form.values.to_dict(flat=False) | changes
    return client.post(path, data={name: value for name, value in values.items() if value is not None})

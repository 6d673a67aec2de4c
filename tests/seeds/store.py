"""Bloom & Wild St on a working day: a manager at their screen, a till, and the servers outside."""

from __future__ import annotations

import datetime as dt
from email.message import EmailMessage
from typing import Any

from flask import Flask
from pytest_httpserver import HTTPServer

from automations.models.db.base import db
from automations.models.tables.run import Run
from automations.models.tables.store import Choice, Store
from tests.kit import steps
from tests.kit.outside.smtp_sink import SmtpSink
from tests.kit.pages import by_hand
from tests.kit.pages.by_hand import Automation
from tests.kit.pages.plain_browser import PlainBrowser, in_own_context
from tests.kit.set_up import api_key
from tests.web.pages import EMAILS
from tests.world import PASSWORD

ANNA = {"number": "C-1"}
#: No address that could be written to.
BOB = {"number": "C-2"}


class OpenStore:
    """Everything goes in through forms and the JSON API, and is seen where it arrives or on a page."""

    def __init__(self, app: Flask, smtp: SmtpSink, web: HTTPServer) -> None:
        self.app, self.smtp, self.web = app, smtp, web
        self.rosa = enter(app, "rosa")
        self._ada: PlainBrowser | None = None
        self._till = app.test_client(use_cookies=False)
        self._key = {"Authorization": f"Bearer {api_key('Front desk till')}"}

    def publish(self, wanted: Automation) -> None:
        """Rosa builds it from dropdowns and publishes it."""
        by_hand.publish(self.rosa, wanted)
        assert "is published and live." in self.rosa.words, self.rosa.words

    def use_text_gateway(self, answer: dict[str, Any] | None = None, status: int = 200) -> None:
        """Ada sets up a gateway, which answers so."""
        self.web.expect_request("/sms").respond_with_json(answer or {"status": "queued", "id": "G7"}, status)
        self.ada.goto("/settings/connections/sms?preset=generic")
        self.ada.put("URL", self.web.url_for("/sms"))
        self.ada.press("Save")

    def keep_secret(self, name: str, secret: str) -> None:
        """Ada keeps a password that requests may carry."""
        self.ada.goto("/settings/connections/secrets")
        self.ada.put("Name", name)
        self.ada.put("Secret", secret)
        self.ada.press("Save")

    def rename(self, list_key: str, label: str, new: str) -> None:
        """Rename a list entry that an automation uses, as Rosa."""
        self.rosa.goto(f"/settings/choices/{_entry(list_key, label).id}")
        assert "Used by 1 automation, which follows the new name" in self.rosa.words
        self.rosa.put("Name", new)
        self.rosa.press("Rename")

    def remove(self, list_key: str, label: str) -> None:
        """Remove a list entry as Rosa; the page says why if it has to stay."""
        self.rosa.goto(f"/settings/lists/{list_key}")
        self.rosa.press(f"Remove {label}")

    def live_in(self, country: str) -> None:
        """Set the country of the store, as Ada."""
        self.ada.goto("/settings/store")
        self.ada.put("Country of phone numbers", country)
        self.ada.press("Save")

    def segment(self, name: str, *condition: str) -> None:
        """Rosa makes a segment with one condition."""
        self.rosa.goto("/segments/new")
        self.rosa.put("Name", name)
        for part, value in zip(("field", "operator", "value"), condition, strict=True):
            self.rosa.put(f"Condition 1 {part}", value)
        self.rosa.press("Save segment")
        assert f"“{name}” is saved." in self.rosa.words, self.rosa.words

    def campaign(self, name: str, segment: str, channel: str, subject: str, message: str) -> None:
        """Rosa writes to a segment; the page that is open then says who gets it."""
        self.rosa.goto("/campaigns/new")
        self.rosa.put("Name", name)
        self.rosa.put("Segment", segment)
        self.rosa.put("Channel", channel)
        self.rosa.put("Subject of the email", subject)
        self.rosa.put("Message", message)
        self.rosa.press("See who gets it")

    def order(self, number: str = "10482", **values: Any) -> dict[str, Any]:
        """The till sends an order, or a change of it; what came of that."""
        return self.send("orders", number=number, **values)

    def event(self, number: str = "E-7", **values: Any) -> dict[str, Any]:
        return self.send("events", number=number, **values)

    def customer(self, number: str, **values: Any) -> dict[str, Any]:
        return self.send("customers", number=number, **values)

    def send(self, plural: str, **values: Any) -> dict[str, Any]:
        answer = in_own_context(self._till.post, f"/api/{plural}", json=values, headers=self._key)
        assert answer.status_code in (200, 201), answer.text
        found: dict[str, Any] = answer.json
        return found

    def work(self, now: dt.datetime | None = None) -> None:
        """Do a worker's jobs until nothing is due."""
        for _ in range(20):
            moment = now or dt.datetime.now(dt.UTC)
            ids = steps.queue(now=moment)
            if not ids:
                return
            steps.record_outcomes(steps.perform_runs(self.app, ids, now=moment), moment)
        raise AssertionError("It does not come to rest.")

    @property
    def emails(self) -> list[EmailMessage]:
        return list(self.smtp.emails)

    @property
    def runs(self) -> list[Run]:
        db.session.rollback()
        return db.session.query(Run).order_by(Run.id).all()

    @property
    def ada(self) -> PlainBrowser:
        """The head of the store."""
        self._ada = self._ada or enter(self.app, "ada")
        return self._ada

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Return the number and text of each message the gateway received."""
        return [(call.json["to"], call.json["text"]) for call in self.calls("/sms")]

    def calls(self, path: str) -> list[Any]:
        """Return the requests the outside server received at `path`."""
        return [request for request, _ in self.web.log if request.path == path]

    def read(self, path: str) -> str:
        """Return the text of a page as Rosa sees it."""
        self.rosa.goto(path)
        return self.rosa.words

    def log(self, number: str = "10482", plural: str = "orders") -> str:
        return self.read(f"/{plural}/{number}")


def _entry(list_key: str, label: str) -> Choice:
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    return db.session.query(Choice).filter_by(store_id=bloom.id, list_key=list_key, label=label).one()


def enter(app: Flask, name: str) -> PlainBrowser:
    """A person of the world at their own screen, signed in by the form."""
    browser = PlainBrowser(app.test_client())
    browser.goto("/sign-in")
    browser.put("Email", EMAILS[name])
    browser.put("Password", PASSWORD)
    browser.press("Sign in")
    return browser

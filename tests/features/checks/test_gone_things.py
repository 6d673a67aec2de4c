"""A draft names what is no longer there: a closed address, an entry that was removed from its list."""

from __future__ import annotations

import datetime as dt

from flask import Flask

from automations.engine.rules.rule import Problem
from automations.features.authoring import draft_problems
from automations.features.checks.all_checks import checks_of
from automations.features.checks.check import Check
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.called_host import ClosedEndpoint
from automations.models.tables.store import Choice, Store
from tests.kit.shop import condition, draft_automation, request_to
from tests.world import NOW

BOOK = "https://api.vans.example/book"


def closed(store: Store, automation_id: int) -> list[Check]:
    automation, words = db.session.get_one(Automation, automation_id), StoreWords(db.session(), store)
    later = NOW + dt.timedelta(hours=1)
    checks = checks_of(db.session(), store, words, automation, automation.draft, later)
    return [check for check in checks if check.kind == "closed"]


def problems(store: Store, automation_id: int) -> list[Problem]:
    draft = db.session.get_one(Automation, automation_id).draft
    return draft_problems.problems(StoreWords(db.session(), store), draft)


def test_a_closed_address_is_named(app: Flask, bloom: Store) -> None:
    automation = draft_automation("Book a van", actions=[request_to(BOOK)])
    assert closed(bloom, automation) == []
    with write() as session:
        session.add(ClosedEndpoint(store_id=bloom.id, url=BOOK, host="api.vans.example", closed_at=NOW))
    (check,) = closed(bloom, automation)
    assert check.text == "The request to api.vans.example is skipped: that address is gone for good."
    assert check.details_text.startswith("It answered 410.")


def test_a_removed_entry_is_named_in_a_condition_and_in_a_trigger(app: Flask, bloom: Store) -> None:
    with write() as session:
        session.add(Choice(store_id=bloom.id, list_key="order_status", key="bench", label="At the bench"))
    asked = draft_automation("Asks", "status_changed", condition("status", "equals", "bench"))
    started = draft_automation("Starts", "status_changed", after="bench")
    assert problems(bloom, asked) == problems(bloom, started) == []
    # Nothing in the product removes an entry that is in use; a restored file or another program may have.
    with write() as session:
        session.query(Choice).filter_by(key="bench").delete()
    assert problems(bloom, asked) == [
        Problem("conditions.0.value", "Status has no choice “bench”; pick one from the list.")
    ]
    assert problems(bloom, started) == [
        Problem("trigger.to", "Status changed to “bench”: there is no such choice; pick one from the list.")
    ]

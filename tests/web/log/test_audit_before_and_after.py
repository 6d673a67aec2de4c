"""Every change in the audit says what was before and after, wherever the code can write one."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

from automations.features.authoring import audited_rules, publish
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import Audit, User
from automations.models.tables.store import Store
from automations.web.log.audit_phrases import done_words
from tests.kit import shop
from tests.kit.audit_actions import NAMED
from tests.kit.pages.request_examples import EXAMPLES
from tests.web.log.test_audit_sentences import SENTENCES
from tests.web.test_everything_is_audited import World, world
from tests.world import NOW

__all__ = ["world"]
#: Kinds of which there is nothing to say but that it was done: their name is what was before and after.
ACTS = frozenset(
    (
        "archived | checked | closed | continued fetching from | copied | decided against the shop about "
        "| disabled | enabled | ended | ended a session of | ended shadow mode of | erased | exported | "
        "exported a backtest of | fetched what was missed from | finished | gave a new password to | "
        "gave a new secret to | invited again | kept | marked as arrived | merged | moved down | parted "
        "| put back | reopened | restored | restored version {NAMED} to the draft of | revoked | saw "
        "what broke | sent | sent early | sent now | set | signed in | signed out | skipped | stopped | "
        "stopped a backtest of | stopped changing | stopped fetching from | switched off | switched on | "
        "ticked | took the access token from "
    )
    .replace("{NAMED}", NAMED)
    .strip()
    .split(" | ")
)
#: Kinds that tell of a change. A draft is changed with every key; publishing says what came of it.
CHANGES = re.compile("changed|renamed|mapped|grouped|undid a change|set when to hold|moved (?!up|down)")
WITHOUT_VALUES = re.compile("changed (automation “|their own password$)")


@pytest.mark.slow
def test_every_change_that_the_code_can_write_says_what_was_before_and_after(world: World) -> None:
    for endpoint in EXAMPLES:
        world.send(endpoint)
    db.session.rollback()
    rows = db.session.query(Audit).all()
    told = {row.action for row in rows if row.before or row.after}
    told |= {action for action, _, before, after, _ in SENTENCES if before or after}
    names = {row.action: re.sub("[0-9]+|file .+ to$", _named, row.action) for row in rows}
    assert {names[row.action] for row in rows} - told - ACTS == set(), "say what was before and after"
    silent = [done_words(row) for row in rows if CHANGES.match(row.action) and not (row.before or row.after)]
    assert [words for words in silent if not WITHOUT_VALUES.match(words)] == []


def _named(found: re.Match[str]) -> str:
    return f"file {NAMED} to" if found[0].startswith("file") else NAMED


def test_working_hours_and_quiet_hours_say_what_they_were(as_ada: FlaskClient) -> None:
    other = {"opens-0": "09:00", "closes-0": "17:00", "opens-6": "10:00", "closes-6": "12:00"}
    other |= {"quiet-from": "21:00", "quiet-until": "07:00"}
    for typed in ({"opens-0": "09:00", "closes-0": "18:00"}, other, other):
        as_ada.post("/settings/hours", data=typed)
    rows = db.session.query(Audit).filter_by(about="the working hours").order_by(Audit.id).all()
    assert len(rows) == 2, "saving what is there already changes nothing"
    assert done_words(rows[1]) == (
        "changed the hours of Monday from 09:00–18:00 to 09:00–17:00, the hours of Sunday from closed to "
        "10:00–12:00 and the quiet hours of marketing from none to 21:00–07:00"
    )


def test_publishing_says_the_rule_before_and_after(bloom: Store) -> None:
    over = [shop.condition("total", "greater_than", "9"), shop.condition("note", "contains", "Anna Petrova")]
    id = shop.publish_automation("Thanks", "created", over[0])
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | {"conditions": over}
        version = publish.publish(session, automation, session.query(User).first(), NOW)
        before, after = audited_rules.difference(session, session.get_one(Store, bloom.id), version)
    assert before["rule"].startswith("Every time an order is created, if its total is over £9.00, ")
    assert "note contains …" in after["rule"] and "Anna" not in str(after)

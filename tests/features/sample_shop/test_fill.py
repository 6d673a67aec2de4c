"""The sample shop: believable, finished, and out of everybody's way."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.actions import ACTIONS
from automations.features.authoring import drafts
from automations.features.history import upcoming_runs
from automations.features.sample_shop import fill
from automations.features.sample_shop.fill import SampleSignIn
from automations.features.scheduling import scan
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.customer import Customer
from automations.models.tables.event import Event
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.people import Audit, AuditHead, Membership, User
from automations.models.tables.run import FINAL, SKIPPED, Message, Run
from automations.models.tables.segment import Campaign, SegmentMember
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from automations.pipeline.evaluation import evaluate

NOW = dt.datetime(2026, 11, 22, 10, 0, tzinfo=dt.UTC)
SignIns = list[SampleSignIn]

# Filling takes seconds: one process does it for all of these tests.
pytestmark = [pytest.mark.xdist_group("sample shop"), pytest.mark.slow]


@pytest.fixture(scope="module")
def filled(built_app: Flask, databases: Any) -> Iterator[SignIns]:
    """One filled shop for the tests of this module, which only read it."""
    databases.fresh(built_app)
    evaluate.clear_cache()
    with built_app.app_context():
        with write() as session:
            for table in reversed(db.metadata.sorted_tables):
                # The end of the audit's chain is a row that the migrations write.
                if table is not AuditHead.__table__:
                    session.execute(table.delete())
        assert fill.is_empty(db.session())
        yield fill.fill(NOW, lambda password: f"hash of {password}")
        db.session.remove()


@pytest.fixture(autouse=True)
def fresh_reading(filled: SignIns) -> Iterator[None]:
    yield
    db.session.rollback()


def test_it_holds_three_months_of_a_busy_shop(filled: SignIns) -> None:
    assert 500 < _count(Order) < 750
    assert 50 < _count(Event) < 70
    assert _count(Customer) > 150
    first, last = db.session.execute(
        sa.select(sa.func.min(Order.placed_at), sa.func.max(Order.placed_at))
    ).one()
    assert last - first > dt.timedelta(days=85)


def test_each_role_signs_in_with_a_password_of_its_own(filled: SignIns) -> None:
    assert [sign_in.role for sign_in in filled] == ["admin", "manager", "viewer"]
    assert len({sign_in.password for sign_in in filled}) == 3
    for email, password, role in filled:
        user = db.session.query(User).filter_by(email=email).one()
        assert user.password_hash == f"hash of {password}"
        assert role in _roles(user)


def test_the_head_of_the_store_can_switch_to_a_second_store(filled: SignIns) -> None:
    head = db.session.query(User).filter_by(email=filled[0].email).one()
    assert _roles(head) == ["admin", "admin"]
    assert _count(Store) == 2


def test_no_run_is_left_for_the_worker(filled: SignIns) -> None:
    states = set(db.session.scalars(sa.select(Run.state)))
    assert states <= set(FINAL)
    assert not any(db.session.scalars(sa.select(Run).where(Run.finished_at.is_(None))))


def test_every_automation_that_was_live_has_fired(filled: SignIns) -> None:
    published = set(db.session.scalars(sa.select(Version.automation_id).join(Listening)))
    assert published <= set(db.session.scalars(sa.select(Evaluation.automation_id).distinct()))
    assert set(db.session.scalars(sa.select(Evaluation.outcome))) == {"fired"}


def test_customers_who_cannot_be_contacted_are_skipped_with_the_reason(filled: SignIns) -> None:
    reasons = " ".join(filter(None, db.session.scalars(sa.select(Run.reason).where(Run.state == SKIPPED))))
    assert "is not a valid email address." in reasons
    assert "The customer has no email address." in reasons


def test_every_message_was_sent_at_the_time_of_its_occurrence(filled: SignIns) -> None:
    rows = db.session.execute(
        sa.select(Message.at, Occurrence.at)
        .join(Message.run)
        .join(Run.evaluation)
        .join(Evaluation.occurrence)
    ).all()
    assert len(rows) > 300
    assert all(dt.timedelta() < sent - happened < dt.timedelta(minutes=1) for sent, happened in rows)


def test_the_log_of_a_store_is_in_chronological_order(filled: SignIns) -> None:
    for store_id in db.session.scalars(sa.select(Store.id)):
        times = list(
            db.session.scalars(
                sa.select(Occurrence.at).where(Occurrence.store_id == store_id).order_by(Occurrence.id)
            )
        )
        assert times == sorted(times)
        assert times[-1] <= NOW


def test_the_audit_tells_when_things_were_done_not_when_the_shop_was_filled(filled: SignIns) -> None:
    campaign = db.session.query(Campaign).filter_by(name="Winter wreaths").one()
    sent = db.session.query(Audit).filter(Audit.action == "sent", Audit.about.contains(campaign.name)).one()
    added = db.session.query(Audit).filter(Audit.about == f"the segment “{campaign.segment.name}”").one()
    assert (sent.at, added.at) == (campaign.created_at, campaign.segment.created_at)


def test_orders_and_events_pass_through_their_statuses_step_by_step(filled: SignIns) -> None:
    steps = Counter(
        db.session.scalars(sa.select(Occurrence.record_id).where(Occurrence.trigger == "status_changed"))
    )
    assert max(steps.values()) >= 5
    assert len(set(db.session.scalars(sa.select(Order.status)))) >= 5
    assert len(set(db.session.scalars(sa.select(Event.status)))) >= 5


def test_no_address_or_number_reaches_a_real_person(filled: SignIns) -> None:
    for customer in db.session.scalars(sa.select(Customer)):
        assert not re.search(r"@\w+\.(?!example$)", customer.email)
        assert re.fullmatch(r"|\+44 7700 900\d{3}|\+44 20 7946 0\d{3}", customer.phone)
    emails = sa.select(Message).where(Message.channel == "email")
    hosts = {message.to.rpartition(".")[2] for message in db.session.scalars(emails)}
    assert hosts == {"example"}
    assert set(db.session.scalars(sa.select(Message.connector))) == {"mailbox"}


def test_one_automation_is_a_draft_one_is_off_and_one_has_two_versions(filled: SignIns) -> None:
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    mine = sa.select(Automation).where(Automation.store_id == bloom.id, Automation.archived_at.is_(None))
    found = list(db.session.scalars(mine))
    assert len(found) == 16
    drafts = {"Book the courier", "Gift for a loyal customer"}
    assert {one.name for one in found if one.latest_version_id is None} == drafts
    off = [one.name for one in found if one.latest_version_id and not one.active_version_id]
    assert off == ["Thank you for your order"]
    assert [one.name for one in found if one.latest_version and one.latest_version.number == 2] == [
        "Confirm paid deliveries"
    ]


def test_only_the_draft_has_problems(filled: SignIns) -> None:
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    words = StoreWords(db.session(), bloom)
    wrong = {
        one.name
        for one in db.session.scalars(sa.select(Automation).where(Automation.store_id == bloom.id))
        if drafts.problems(words, one.draft)
    }
    assert wrong == {"Gift for a loyal customer"}


def test_every_kind_of_internal_action_was_performed(filled: SignIns) -> None:
    done = sa.select(Run.kind).where(Run.state == "succeeded")
    assert set(db.session.scalars(done)) == set(ACTIONS) - {"http_request"}
    assert not db.session.scalar(sa.select(sa.func.count(Run.id)).where(Run.state == "failed"))


def test_there_are_open_tasks_notifications_and_upcoming_runs(filled: SignIns) -> None:
    assert set(db.session.scalars(sa.select(Task.state))) == {"open", "done"}
    read = [one.read_at is not None for one in db.session.scalars(sa.select(Notification))]
    assert True in read and False in read
    assert set(db.session.scalars(sa.select(Campaign.state))) == {"sent", "draft"}
    assert _count(SegmentMember) > 10
    bloom = db.session.query(Store).filter_by(name="Bloom & Wild St").one()
    assert upcoming_runs.upcoming(db.session(), bloom, now=NOW)


def test_the_scan_has_nothing_to_catch_up(filled: SignIns) -> None:
    assert scan.scan(NOW) == 0


def test_a_database_with_a_store_is_refused_and_unchanged(filled: SignIns) -> None:
    before = _count(Occurrence)
    with pytest.raises(fill.NotEmpty, match="already has a store"):
        fill.fill(NOW, str)
    assert _count(Occurrence) == before


def test_the_same_seed_gives_the_same_shop(filled: SignIns) -> None:
    start = NOW - dt.timedelta(days=91)
    once, again = (list(fill.bloom_story(Random(7), start)) for _ in range(2))
    assert once == again
    assert once != list(fill.bloom_story(Random(8), start))


def _count(model: type) -> int:
    return db.session.scalar(sa.select(sa.func.count()).select_from(model)) or 0


def _roles(user: User) -> list[str]:
    return list(db.session.scalars(sa.select(Membership.role).where(Membership.user_id == user.id)))

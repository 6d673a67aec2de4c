"""One record of Bloom & Wild St of every kind that a URL can name."""

from __future__ import annotations

import datetime as dt
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.features.audience import campaign_edits, segment_edits
from automations.features.authoring import choice_lists, shadow_mode
from automations.features.backtest import backtest_reading
from automations.features.bulk import bulk_changes
from automations.features.examples.pinning import Pin, pin_occurrence
from automations.features.expectations import expectation_edits
from automations.features.expectations.follow import USUAL
from automations.features.history import saved_filters
from automations.models.db.base import write
from automations.models.settings.choices import StoreWords
from automations.models.settings.webhook_endpoints import InboundHook
from automations.models.tables.automation import Automation
from automations.models.tables.backtest import DONE, Backtest
from automations.models.tables.called_host import ClosedEndpoint
from automations.models.tables.custom_field import CustomField
from automations.models.tables.customer import Account
from automations.models.tables.example import Example
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.order import Order
from automations.models.tables.people import ApiKey, Membership, SignIn, User
from automations.models.tables.run import Message, Run
from automations.models.tables.secret import Secret
from automations.models.tables.shadow import SHADOW
from automations.models.tables.store import Choice, Store
from automations.models.tables.store_file import ATTACHMENT, StoreFile
from automations.models.tables.task import Task
from tests.kit.pages.one_import import one_import
from tests.kit.pages.one_merge import one_merge
from tests.kit.pages.one_shop import one_shop
from tests.kit.shop import email_to, place_customer, place_event, place_order, publish_automation
from tests.world import NOW

NUMBER = "N-1"
#: Parts of addresses that are no ids of rows: numbers of records, keys of starters, and places in a list.
BY_NAME = {"number": NUMBER, "key": "wedding_events", "place": 0, "page": "words"}
Row = TypeVar("Row", Run, Evaluation)


def one_of_each(bloom: Store, rosa: User) -> dict[str, Any]:
    """Create the records; return the values of URL parts by name. Rosa has to have signed in."""
    automation_id = publish_automation("Bloom thanks", "created", actions=[email_to()])
    place_customer(NUMBER)
    place_event(NUMBER)
    place_order(NUMBER)
    with write() as session:
        run = _newest(session, Run)
        message = _message(bloom, run, file := _file(session, bloom))
        key = ApiKey(store_id=bloom.id, name="Till", prefix="sa_", secret_hash="x", created_by=rosa.id)
        key.created_at = NOW
        task = Task(store_id=bloom.id, run_id=run.id, title="Call the customer", created_at=NOW)
        notice = Notification(store_id=bloom.id, user_id=rosa.id, title="Paid", created_at=NOW)
        secret = _secret(bloom)
        field = CustomField(store_id=bloom.id, subject="order", key="ribbon", label="Ribbon", type="text")
        segment = segment_edits.save(session, bloom, rosa, None, "Best", [], NOW)
        endpoint = ClosedEndpoint(store_id=bloom.id, url="https://a.example", host="a.example", closed_at=NOW)
        hook = InboundHook(store_id=bloom.id, name="Shop", token="t", secret="x", created_by=rosa.id)
        hook.changed_at = hook.created_at = NOW
        backtest = _backtest(session.get_one(Automation, automation_id), rosa.name)
        session.add_all([message, key, task, notice, secret, field, endpoint, hook, backtest])
        message_text = {"channel": "email", "subject": "Hello", "message": "Hello"}
        example = _example(session, bloom, rosa, automation_id)
        campaign = campaign_edits.create(session, bloom, rosa, segment, "Spring", message_text, None, NOW)
        session.flush()
        return {
            **_from_outside(session, bloom, rosa),
            "automation_id": automation_id,
            "version_id": session.get_one(Automation, automation_id).latest_version_id,
            "run_id": run.id,
            "occurrence_id": _newest(session, Evaluation).occurrence_id,
            "message_id": message.id,
            "file_id": file.id,
            "key_id": key.id,
            "endpoint_id": endpoint.id,
            "hook_id": hook.id,
            "segment_id": segment.id,
            "campaign_id": campaign.id,
            "backtest_id": backtest.id,
            "example_id": example.id,
            "expectation_id": _expectation(session, bloom, rosa),
            "field_id": field.id,
            "task_id": task.id,
            "notification_id": notice.id,
            "secret_id": secret.id,
            "choice_id": session.query(Choice).filter_by(store_id=bloom.id, label="Picked").one().id,
            "membership_id": _membership(session, bloom, rosa),
            **_chosen(session, bloom, rosa),
            "evaluation_id": _in_shadow(session, automation_id, rosa),
            "sign_in_id": session.query(SignIn).filter_by(user_id=rosa.id).one().id,
        }


def _message(bloom: Store, run: Run, file: StoreFile) -> Message:
    content = {"channel": "email", "connector": "mailbox", "to": "a@b.example", "subject": "", "body": ""}
    attached = {"name": file.name, "type": file.type, "file": file.id, "size": file.size}
    return Message(store_id=bloom.id, run_id=run.id, at=NOW, layout={"attachments": [attached]}, **content)


def _file(session: Session, bloom: Store) -> StoreFile:
    file = StoreFile(store_id=bloom.id, purpose=ATTACHMENT, name="Care.pdf", type="application/pdf", size=6)
    file.content, file.created_at = b"%PDF-1", NOW
    session.add(file)
    session.flush()
    return file


def _secret(bloom: Store) -> Secret:
    return Secret(store_id=bloom.id, name="courier", value="x", changed_at=NOW, created_at=NOW)


def _from_outside(session: Session, bloom: Store, rosa: User) -> dict[str, Any]:
    """Add a shop that sends, a file that is imported and a shared filter; return their values, by name."""
    saved = {"saved_filter_id": _saved_filter(session, bloom, rosa)}
    return BY_NAME | saved | one_shop(session, bloom, rosa, NUMBER) | one_import(session, bloom)


def _newest(session: Session, model: type[Row]) -> Row:
    """Return the newest row: what was just written, even in a shop that has a past."""
    return session.query(model).order_by(sa.desc("id")).limit(1).one()


def _chosen(session: Session, bloom: Store, rosa: User) -> dict[str, int]:
    """Return an account, changes that wait for a yes or can be undone, and a merge of two customers."""
    merged = {"merge_id": one_merge(session, bloom, rosa, NUMBER)}
    changed = {"change_id": _bulk_change(session, bloom, rosa), "step_id": _undo_step(session, bloom, rosa)}
    return {"account_id": _account(session, bloom)} | changed | merged


def _account(session: Session, bloom: Store) -> int:
    return session.query(Account.id).filter_by(store_id=bloom.id).order_by(Account.id).limit(1).scalar() or 0


def _bulk_change(session: Session, bloom: Store, rosa: User) -> int:
    """Prepare a change of the order; return its id."""
    targets = [(session.query(Order).filter_by(store_id=bloom.id, number=NUMBER).one().id, None)]
    task = {"kind": "add_tag", "tag": "Gift"}
    return bulk_changes.prepare(session, bloom.id, rosa.id, "order", task, targets, NOW).id


def _undo_step(session: Session, bloom: Store, rosa: User) -> int:
    """Remove an entry that nothing uses from a list; return the id of what takes it back."""
    choice, _ = choice_lists.add(session, bloom, rosa, "order_status", "Pressed")
    session.flush()
    return choice_lists.remove(session, bloom, rosa, choice).id


def _membership(session: Session, bloom: Store, rosa: User) -> int:
    return session.query(Membership).filter_by(user_id=rosa.id, store_id=bloom.id).one().id


def _backtest(automation: Automation, asked_by: str) -> Backtest:
    """Return a backtest that is over and found nothing."""
    whose = {"store_id": automation.store_id, "automation_id": automation.id, "revision": automation.revision}
    what = {"draft": automation.draft, "version_id": automation.latest_version_id, "period": "30"}
    when = {"since": NOW - dt.timedelta(days=9), "until": NOW, "state": DONE, "created_at": NOW}
    figures = backtest_reading.no_figures()
    return Backtest(**whose, **what, **when, figures=figures, asked_by=asked_by)


def _expectation(session: Session, bloom: Store, rosa: User) -> int:
    """Save an expectation that was broken once; return its id."""
    rule = {"subject": "order", "trigger": {"key": "created", "from": None, "to": None}, "conditions": []}
    values = {"name": "Thanked at once", "rule": rule, "follow": dict(USUAL)}
    saved = expectation_edits.save(session, bloom, rosa, None, values, 0, NOW)
    saved.broken = 1
    session.flush()
    return saved.id


def _in_shadow(session: Session, automation_id: int, rosa: User) -> int:
    """Put the automation into shadow mode; return the id of an evaluation there."""
    fired = _newest(session, Evaluation)
    automation = session.get_one(Automation, automation_id)
    version_id = shadow_mode.start(session, automation, rosa, 7, NOW).version_id
    about = {"store_id": fired.store_id, "occurrence_id": fired.occurrence_id, "automation_id": automation_id}
    would = Evaluation(version_id=version_id, outcome=SHADOW, at=NOW, **about)
    session.add(would)
    session.flush()
    return would.id


def _saved_filter(session: Session, bloom: Store, rosa: User) -> int:
    """Save a filter of the log that shows what was skipped; return its id."""
    return saved_filters.save(session, bloom, rosa, "Left out", {"outcome": "skipped"}, True, NOW).id


def _example(session: Session, bloom: Store, rosa: User, automation_id: int) -> Example:
    words, pin = StoreWords(session, bloom), Pin(True, session.get_one(User, rosa.id), NOW)
    about = (session.get_one(Automation, automation_id), _newest(session, Evaluation).occurrence)
    return pin_occurrence(session, words, *about, pin)

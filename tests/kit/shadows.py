"""Versions in shadow mode, actions of every kind, and what of them could have left or changed anything."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import Flask

from automations.connectors.secret_encryption import SecretBox
from automations.features.authoring import shadow_mode
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.notification import Notification
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import User
from automations.models.tables.run import Attempt, Message, Run
from automations.models.tables.shadow import Shadow
from automations.models.tables.store import Connection, Store
from automations.models.tables.task import Task
from tests.kit.shop import email_to, request_to
from tests.world import NOW


def actions_of_every_kind(url: str) -> list[dict[str, Any]]:
    """Return one action of each kind; the request goes to `url`."""
    task = {"title": "Wrap {{ order.number }}", "assignee": "manager", "due_from": "", "priority": "low"}
    tell = {"to": "manager", "title": "Look at {{ order.number }}", "message": "Now", "also": "both"}
    text = {"to": "number", "number": "+44 20 7946 0958", "message": "Text {{ order.number }}"}
    news = {"channel": "email", "subject": "Peonies", "message": "They are in."}
    return [
        email_to(subject="Email {{ order.number }}"),
        {"kind": "send_sms", "settings": text},
        request_to(url),
        {"kind": "send_marketing", "settings": news},
        {"kind": "create_task", "settings": task},
        {"kind": "notify", "settings": tell},
        {"kind": "change_data", "settings": {"field": "status", "value": "picked"}},
    ]


def connect_everything(app: Flask, smtp_port: int, http_port: int) -> None:
    """Send the email, texts and chat messages of Bloom & Wild St to servers on this machine."""
    box = SecretBox([app.config["SECRET_KEY"]])
    settings: dict[str, tuple[dict[str, object], str]] = {
        "smtp": ({"host": "127.0.0.1", "port": smtp_port, "security": "none", "username": ""}, "unused"),
        "sms": (
            {"preset": "generic", "url": f"http://127.0.0.1:{http_port}/sms", "sender": "Bloom"},
            "token",
        ),
        "chat": ({}, f"json://127.0.0.1:{http_port}/chat"),
    }
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        for kind, (values, secret) in settings.items():
            connection = Connection(store_id=store.id, kind=kind, settings=values, updated_at=NOW)
            connection.secret = box.encrypt(secret)
            session.add(connection)


def start_shadow(automation_id: int, days: int = 7, now: dt.datetime = NOW) -> int:
    """Put the draft of an automation into shadow mode; return the id of the shadow mode."""
    with write() as session:
        rosa = session.query(User).filter_by(email="rosa@bloom.example").one()
        return shadow_mode.start(session, session.get_one(Automation, automation_id), rosa, days, now).id


def shadow(shadow_id: int) -> Shadow:
    db.session.rollback()
    return db.session.get_one(Shadow, shadow_id)


def outcomes(automation_id: int) -> list[str]:
    """Return the outcomes of an automation's evaluations, in order."""
    db.session.rollback()
    of_automation = sa.select(Evaluation.outcome).where(Evaluation.automation_id == automation_id)
    return list(db.session.scalars(of_automation.order_by(Evaluation.id)))


def done_rows(automation_id: int) -> dict[str, int]:
    """Return how many rows there are of everything that an automation's actions write."""
    db.session.rollback()
    of_automation = sa.select(Run.id).join(Run.evaluation).where(Evaluation.automation_id == automation_id)
    counts = {"run": of_automation}
    for table in (Attempt, Message, Task, Notification):
        counts[table.__tablename__] = sa.select(table.id).where(table.run_id.in_(of_automation))
    return {
        name: db.session.scalar(sa.select(sa.func.count()).select_from(query.subquery())) or 0
        for name, query in counts.items()
    }


NOTHING = {"run": 0, "attempt": 0, "message": 0, "task": 0, "notification": 0}

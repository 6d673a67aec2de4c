"""What a receiver of a campaign reads, as its page shows it: the first one's, or what was sent to one."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from flask import g

from automations.actions.shared.action_kind import LAYOUT
from automations.connectors.mailbox_connector import MAILBOX
from automations.features.audience import campaign_sending
from automations.features.trial.trial import steps_at
from automations.features.trial.trial_records import sample_snapshot
from automations.models.db.base import db
from automations.models.tables.customer import ERASED
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import Message, Run
from automations.models.tables.segment import Campaign
from automations.pipeline.providers.store_files import files_of
from automations.pipeline.records import current_records
from automations.web.kit.email_view import email_view
from automations.web.records.kind_pages import store_words

SAMPLE = "a sample customer"


def first_message(campaign: Campaign, now: dt.datetime) -> dict[str, Any]:
    """Return what the first receiver would read; what a sample customer would, if nobody gets it."""
    session = db.session()
    row = campaign_sending.first_receiver(session, campaign, now)
    if row is None:
        return sample_message(campaign, now)
    name = " ".join(filter(None, (row["first_name"], row["last_name"]))) or str(row["number"])
    return _tried(campaign, name, current_records.snapshots(session, "customer", g.store, [row])[0], now)


def sample_message(campaign: Campaign, now: dt.datetime) -> dict[str, Any]:
    """Return what a customer who does not exist would read."""
    return _tried(campaign, SAMPLE, sample_snapshot(g.store, "customer", "regular") or {}, now)


def sent_message(campaign: Campaign) -> dict[str, Any]:
    """Return the first message of a campaign that was sent, unless its receiver was erased; or nothing."""
    query = sa.select(Message).join(Run, Message.run_id == Run.id)
    query = query.join(Evaluation, Run.evaluation_id == Evaluation.id).where(
        Evaluation.store_id == campaign.store_id,
        Evaluation.automation_id == campaign.version.automation_id,
        Message.to != ERASED,
    )
    message = db.session.scalar(query.order_by(Run.id, Message.part).limit(1))
    if message is None:
        return {}
    view = email_view(message.layout, message.body, message.subject, files_of(db.session(), g.store.id))
    receiver = message.to_name or message.to
    heading = f"Kept here for {receiver}" if message.connector == MAILBOX else f"What {receiver} was sent"
    return {"receiver": receiver, "message": message, "view": view, "heading": heading}


def _tried(campaign: Campaign, name: str, snapshot: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Return the receiver's name, the step, its message, if there is one, and that one's view."""
    session = db.session()
    step = steps_at(session, g.store, store_words(), campaign.version.definition, snapshot, now)[0]
    message = next(iter(step.messages), None)
    view = None
    if message is not None:
        files = files_of(session, g.store.id)
        view = email_view(message.extra.get(LAYOUT), message.body, message.subject, files)
    return {"receiver": name, "step": step, "message": message, "view": view}

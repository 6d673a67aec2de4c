"""What the first receiver of a campaign would read, as its page shows it before it is sent."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import g

from automations.actions.shared.action_kind import LAYOUT
from automations.features.audience import campaign_sending
from automations.features.trial.trial import steps_at
from automations.models.db.base import db
from automations.models.tables.segment import Campaign
from automations.pipeline.providers.store_files import files_of
from automations.pipeline.records import current_records
from automations.web.kit.email_view import email_view
from automations.web.records.kind_pages import store_words


def first_message(campaign: Campaign, now: dt.datetime) -> dict[str, Any]:
    """Return the receiver's name, the step, its message and that one's view; "" as name if nobody gets it."""
    session = db.session()
    row = campaign_sending.first_receiver(session, campaign, now)
    if row is None:
        return {"receiver": ""}
    snapshot = current_records.snapshots(session, "customer", g.store, [row])[0]
    step = steps_at(session, g.store, store_words(), campaign.version.definition, snapshot, now)[0]
    message = next(iter(step.messages), None)
    view = None
    if message is not None:
        files = files_of(session, g.store.id)
        view = email_view(message.extra.get(LAYOUT), message.body, message.subject, files)
    name = " ".join(filter(None, (row["first_name"], row["last_name"]))) or str(row["number"])
    return {"receiver": name, "step": step, "message": message, "view": view}

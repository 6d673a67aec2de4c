"""The emails of a draft in the review before it goes live, as the newest record that fits would get them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from flask import g

from automations.features.rollout.publish_review import Review
from automations.features.trial.trial import steps_at
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.pipeline.providers.store_files import files_of
from automations.pipeline.records import current_records
from automations.web.builder.tried_steps import TriedStep, tried_steps


def designed_emails(review: Review, words: StoreWords, now: dt.datetime) -> tuple[str, Sequence[TriedStep]]:
    """Return the record, and the steps that send it an email with the store's look; "" if there is none."""
    session, store, data = db.session(), g.store, review.automation.draft
    newest = next(iter(review.who.newest if review.who else ()), None)
    if newest is None:
        return "", ()
    rows = current_records.rows_of(session, newest.subject, store.id, [newest.record_id])
    snapshots = current_records.snapshots(session, newest.subject, store, rows)
    if not snapshots:
        return "", ()
    steps = tried_steps(steps_at(session, store, words, data, snapshots[0], now), files_of(session, store.id))
    return newest.record, [tried for tried in steps if any(effect.view for effect in tried.effects)]

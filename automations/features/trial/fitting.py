"""A record that meets a draft's conditions, to begin trying with."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from automations.features.authoring.draft_problems import problems as problems_of
from automations.features.trial import trial_records
from automations.features.trial.condition_trial import assumed_change, condition_results
from automations.features.trial.trial_records import SAMPLES, Snapshot
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working

#: How many of the newest records are looked at.
RECENT = 20


def fits(store: Store, words: StoreWords, data: Mapping[str, Any]) -> Callable[[Snapshot], bool]:
    """Return whether a snapshot meets every part of the draft that is complete."""
    problems, zone = problems_of(words, data), ZoneInfo(store.timezone)
    moment = dt.datetime.now(dt.UTC).astimezone(zone)
    working = is_working(moment, zone, store.working_hours)

    def met(snapshot: Snapshot) -> bool:
        change = assumed_change(words, data, snapshot, moment, working)
        results = condition_results(words, data, snapshot, change, problems)
        return all(result.holds is not False and not result.is_error for result in results)

    return met


def fitting_number(
    session: Session, store: Store, words: StoreWords, data: Mapping[str, Any], kept: str = ""
) -> str | None:
    """Return the number of the newest record that fits, or `kept` while that does; None for none."""
    met, subject = fits(store, words, data), str(data["subject"])
    shown = trial_records.record_snapshot(session, store, subject, kept) if kept else None
    if shown is not None and met(shown):
        return kept
    newest = trial_records.recent_snapshots(session, store, subject, RECENT)
    return next((str(one["number"]) for one in newest if met(one)), None)


def fitting_sample(store: Store, words: StoreWords, data: Mapping[str, Any]) -> str:
    """Return the key of the first sample that fits, or else of the first one."""
    met, subject = fits(store, words, data), str(data["subject"])
    keys = [sample.key for sample in SAMPLES[subject]]
    made = ((key, trial_records.sample_snapshot(store, subject, key)) for key in keys)
    return next((key for key, snapshot in made if snapshot and met(snapshot)), keys[0])

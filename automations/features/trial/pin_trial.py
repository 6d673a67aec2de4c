"""Pins what a test fire was tried on as an example: the record as it is, with the change that was assumed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.features.authoring.draft_problems import problems
from automations.features.examples.pinning import AssumedMoment, NotPinned, Pin, label_of, pin_moment
from automations.features.trial import trial_records
from automations.features.trial.condition_trial import assumed_change
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.example import Example
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working

_SAMPLE = "sample:"
_NO_TRIGGER = "Choose a trigger, then this can be kept as an example."
_UNFINISHED_TRIGGER = "Finish the trigger, then this can be kept as an example."


def missing_to_pin(words: StoreWords, data: Mapping[str, Any]) -> str:
    """Return what rule data lacks before a test fire of it can be pinned, as a sentence, or "".

    An example is asked when the automation starts, so it needs to be known what starts it.
    """
    lacks = [problem for problem in problems(words, data) if problem.path.startswith("trigger")]
    if not lacks:
        return ""
    return _UNFINISHED_TRIGGER if data["trigger"].get("key") else _NO_TRIGGER


def pin_trial(
    session: Session,
    store: Store,
    words: StoreWords,
    automation: Automation,
    data: Mapping[str, Any],
    record: str,
    pin: Pin,
) -> Example:
    """Pin `record`, "sample:funeral" or a number, as an example of rule data. Raises NotPinned."""
    subject = str(data.get("subject"))
    if subject not in trial_records.SAMPLES:
        raise NotPinned("Choose what it watches first.")
    if missing := missing_to_pin(words, data):
        raise NotPinned(missing)
    sample = record.removeprefix(_SAMPLE) if record.startswith(_SAMPLE) else ""
    snapshot = (
        trial_records.sample_snapshot(store, subject, sample)
        if sample
        else trial_records.record_snapshot(session, store, subject, record)
    )
    if snapshot is None:
        raise NotPinned(f"There is no {SUBJECTS[subject].label.lower()} {record}. Check the number.")
    return pin_moment(session, automation, data, _assumed(store, words, data, snapshot, sample, pin.now), pin)


def _assumed(
    store: Store,
    words: StoreWords,
    data: Mapping[str, Any],
    snapshot: Mapping[str, Any],
    sample: str,
    now: dt.datetime,
) -> AssumedMoment:
    local = now.astimezone(words.zone)
    working = is_working(local, words.zone, store.working_hours)
    change = assumed_change(words, data, snapshot, local, working)
    moment: dict[str, Any] = {"zone": store.timezone, "working": working}
    return AssumedMoment(
        snapshot=snapshot,
        record_id=None if sample else int(snapshot["id"]),
        label=_sample_label(data["subject"], sample) if sample else label_of(data["subject"], snapshot),
        from_value=change.from_value,
        to_value=change.to_value,
        moment=moment | ({"previous": change.previous} if change.previous else {}),
        at=now,
    )


def _sample_label(subject: str, key: str) -> str:
    named = key.partition(trial_records.READS)[0]
    return next(sample.label for sample in trial_records.SAMPLES[subject] if sample.key == named)

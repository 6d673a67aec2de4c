"""The "Try it" card: the records to choose from, and what the draft would do with the chosen one."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from automations.actions.shared.action_kind import HTTP, Prepared, texts_by_language
from automations.engine.fields.subjects import SUBJECTS
from automations.features.authoring import drafts
from automations.features.checks.constructed import constructed
from automations.features.checks.proven import judgeable
from automations.features.past.reach import Tried, tried_rows
from automations.features.trial import trial_records
from automations.features.trial.fitting import fits, fitting_number, fitting_sample
from automations.features.trial.pin_trial import missing_to_pin
from automations.features.trial.trial import TestFire, test_fire
from automations.features.trial.trial_records import READS, SAMPLES, Snapshot
from automations.messages.languages import known_tag, name_of
from automations.models.db.base import db
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.web.builder.controls import Control, Option
from automations.web.builder.effect_preview import can_send
from automations.web.builder.tried_steps import TriedStep, tried_steps

_SAMPLE = "sample:"
_ANY = "One that fits"
#: The record that the checks made up for the draft.
CONSTRUCTED = f"{_SAMPLE}constructed"
#: Begins the name of a record that nobody chose: the newest one that meets the conditions, or a sample.
FITTING = "fits:"


@dataclass(frozen=True)
class TryCard:
    """The card. Without a result, `problem` says why and `number` is the number that was looked up."""

    records: Control
    #: The entry of the list that leaves the choice to us.
    fitting: Option
    recent: tuple[Option, ...]
    noun: str
    number: str
    problem: str
    #: Why it is not one of the store's own records, or "".
    note: str
    result: TestFire | None
    #: Id of a row of the draft -> how the record fares there, and what the record is called beside it.
    rows: Mapping[str, Tried | None]
    called: str
    #: Why it can't be kept as an example yet, or "".
    not_pinned: str

    @property
    def messages(self) -> list[Prepared]:
        """The messages a person can send to themselves, in order."""
        steps = self.result.steps if self.result else ()
        return [message for step in steps for message in step.messages if can_send(message)]

    @property
    def calls(self) -> bool:
        """Whether it would send a request, which can be tried."""
        steps = self.result.steps if self.result else ()
        return any(message.channel == HTTP for step in steps for message in step.messages)

    @property
    def steps(self) -> list[TriedStep]:
        """Every action with its effects; the messages a person can send to themselves are numbered."""
        return tried_steps(self.result.steps if self.result else ())


def try_card(store: Store, words: StoreWords, data: Mapping[str, Any], record: str) -> TryCard | None:
    """Return the card for a draft and a record: "sample:funeral", or the number of an order or event.

    Return None if the draft watches nothing that can be tried.
    """
    subject = data["subject"]
    if subject not in SAMPLES:
        return None
    noun = SUBJECTS[subject].label.lower()
    offered = [Option(f"{_SAMPLE}{sample.key}", sample.label) for sample in SAMPLES[subject]]
    offered += [
        Option(f"{offered[0].value}{READS}{tag}", f"{offered[0].label}, customer reads {name_of(tag)}")
        for tag in _languages(data)
    ]
    recent = tuple(
        Option(number, _named(noun, number, name))
        for number, name in trial_records.recent(db.session(), store, subject)
    )
    chosen = settled(store, words, data, record)
    record, snapshot = _tried(store, words, data, chosen)
    if record == CONSTRUCTED:
        offered.append(Option(CONSTRUCTED, f"The made-up {noun} of the checks"))
    if snapshot and all(option.value != record for option in (*offered, *recent)):
        recent = (Option(record, _named(noun, record, "")), *recent)
    label = next((option.label for option in (*offered, *recent) if option.value == record), record)
    is_fitting = chosen.startswith(FITTING)
    fitting = Option(chosen if is_fitting else FITTING, f"One that fits: {label}" if is_fitting else _ANY)
    return TryCard(
        records=Control("record", "Record to try it on", chosen if is_fitting else record, tuple(offered)),
        fitting=fitting,
        recent=recent,
        noun=noun,
        number="" if snapshot else record,
        note=_note(noun, record) if is_fitting and recent else "",
        problem="" if snapshot else f"There is no {noun} {record}. Check the number.",
        result=test_fire(db.session(), store, words, data, snapshot, label) if snapshot else None,
        rows={
            path.replace(".", "-"): tried for path, tried in tried_rows(store, words, data, snapshot).items()
        },
        called=_called(record),
        not_pinned=missing_to_pin(words, data),
    )


def sample_record(store: Store, words: StoreWords, data: Mapping[str, Any]) -> str:
    """Return the record to try a rule on that is nobody's: a sample that fits, or else one made up to fit."""
    key = fitting_sample(store, words, data)
    sample = trial_records.sample_snapshot(store, data["subject"], key)
    return f"{_SAMPLE}{key}" if sample and fits(store, words, data)(sample) else CONSTRUCTED


def settled(store: Store, words: StoreWords, data: Mapping[str, Any], record: str) -> str:
    """Return the chosen record, or if nobody chose one, `FITTING` and the record that fits.

    The record that fitted before stays while it does, so that the answer does not jump while someone types.
    """
    if (record and not record.startswith(FITTING)) or data["subject"] not in SAMPLES:
        return record
    kept = record.removeprefix(FITTING)
    number = fitting_number(db.session(), store, words, data, "" if kept.startswith(_SAMPLE) else kept)
    return f"{FITTING}{number or _SAMPLE + fitting_sample(store, words, data)}"


def _note(noun: str, record: str) -> str:
    if not record.startswith(_SAMPLE):
        return ""
    return f"None of the latest {noun}s fits, so this is a sample."


def tried_snapshot(
    store: Store, words: StoreWords, data: Mapping[str, Any], record: str
) -> tuple[Snapshot | None, str]:
    """Return the snapshot of the record that is tried, and what a line of the rule calls it: "#10482"."""
    if data["subject"] not in SAMPLES:
        return None, ""
    tried, snapshot = _tried(store, words, data, settled(store, words, data, record))
    return snapshot, _called(tried)


def _called(record: str) -> str:
    return "Sample" if record.startswith(_SAMPLE) else f"#{record}"


def _tried(
    store: Store, words: StoreWords, data: Mapping[str, Any], record: str
) -> tuple[str, Snapshot | None]:
    """Return the record, or the first sample if it cannot be tried, with its snapshot."""
    subject, record = data["subject"], record.removeprefix(FITTING)
    if record == CONSTRUCTED and (made := _constructed(store, words, data)) is not None:
        return record, made
    tried = record if _is_of(record, subject, _languages(data)) else f"{_SAMPLE}{SAMPLES[subject][0].key}"
    return tried, _snapshot(store, subject, tried)


def _constructed(store: Store, words: StoreWords, data: Mapping[str, Any]) -> Snapshot | None:
    """Return the record that the checks made up for the draft; None if there is none any more."""
    judged = judgeable(words, data, drafts.problems(words, data))
    made = constructed(words, store, judged[0], dt.datetime.now(dt.UTC)) if judged else None
    return made.snapshot(store) if made else None


def _is_of(record: str, subject: str, languages: Sequence[str]) -> bool:
    """Whether the record can belong to `subject`. A sample may be left over from a subject chosen before."""
    if not record.startswith(_SAMPLE):
        return bool(record)
    sample_key, _, language = record.removeprefix(_SAMPLE).partition(READS)
    known = any(sample_key == sample.key for sample in SAMPLES[subject])
    return known and (not language or language in languages)


def _languages(data: Mapping[str, Any]) -> list[str]:
    """Return the further languages that an action of the draft has texts in."""
    tags = [tag for action in data["actions"] for tag in texts_by_language(action["settings"])]
    return [tag for tag in dict.fromkeys(tags) if known_tag(tag) == tag]


def _snapshot(store: Store, subject: str, record: str) -> Snapshot | None:
    if record.startswith(_SAMPLE):
        return trial_records.sample_snapshot(store, subject, record.removeprefix(_SAMPLE))
    return trial_records.record_snapshot(db.session(), store, subject, record)


def _named(noun: str, number: str, customer: str) -> str:
    return f"{noun.capitalize()} {number}" + (f" · {customer}" if customer else "")

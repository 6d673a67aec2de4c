"""What a version in shadow mode would have done on one occurrence, rendered on its snapshot.

Nothing of it is stored: version and snapshot never change, and what is erased in the snapshot is erased here.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy.orm import Session

from automations.features.history.log_phrases import record_words
from automations.features.trial.trial import TrialStep, steps_at
from automations.models.settings.choices import StoreWords
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.store import Store


@dataclass(frozen=True)
class WouldHave:
    """One evaluation in shadow mode: its record, and what each action would have done."""

    evaluation: Evaluation
    occurrence: Occurrence
    record: str
    steps: tuple[TrialStep, ...]


def would_have(session: Session, store: Store, words: StoreWords, evaluation: Evaluation) -> WouldHave:
    """Return what an evaluation in shadow mode would have led to; writes nothing."""
    occurrence = evaluation.occurrence
    definition, snapshot = evaluation.version.definition, occurrence.snapshot
    record = record_words(occurrence.subject, snapshot)
    steps = steps_at(session, store, words, definition, snapshot, occurrence.at)
    return WouldHave(evaluation, occurrence, record, steps)

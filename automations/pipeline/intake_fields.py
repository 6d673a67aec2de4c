"""What the API takes for each subject: one table for reading it and for describing it, from the entries."""

from __future__ import annotations

from collections.abc import Mapping

from automations.engine import stored
from automations.engine.subject import Field
from automations.engine.subjects import SUBJECTS
from automations.pipeline.intake_custom import Custom
from automations.pipeline.intake_kinds import Kind
from automations.pipeline.intake_nested import Lines, Person, kind_of


def _kind(subject: str, entry: Field) -> Kind:
    if entry.type == stored.OWN:
        return Custom(subject)
    if entry.type == stored.PERSON:
        return Person()
    return Lines() if entry.type == stored.LINES else kind_of(entry)


FIELDS: Mapping[str, Mapping[str, Kind]] = {
    key: {entry.key: _kind(key, entry) for entry, _ in subject.placed("api")}
    for key, subject in SUBJECTS.items()
}

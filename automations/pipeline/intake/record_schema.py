"""The fields the API takes for each subject, made from the entries: for reading requests and for OpenAPI."""

from __future__ import annotations

from collections.abc import Mapping

from automations.engine.fields import stored
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.pipeline.intake.composite_types import LinesType, PersonType, kind_of
from automations.pipeline.intake.custom_values import Custom
from automations.pipeline.intake.field_types import FieldType


def _kind(subject: str, entry: Field) -> FieldType:
    if entry.type == stored.OWN:
        return Custom(subject)
    if entry.type == stored.PERSON:
        return PersonType()
    return LinesType() if entry.type == stored.LINES else kind_of(entry)


FIELDS: Mapping[str, Mapping[str, FieldType]] = {
    key: {entry.key: _kind(key, entry) for entry, _ in subject.placed("api")}
    for key, subject in SUBJECTS.items()
}

"""The fields the API takes for each subject, made from the entries: for reading requests and for OpenAPI."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from automations.engine.fields import stored
from automations.engine.fields.subject import Field
from automations.engine.fields.subjects import SUBJECTS
from automations.pipeline.intake.composite_types import (
    AddressType,
    LinesType,
    ParcelsType,
    PersonType,
    kind_of,
)
from automations.pipeline.intake.custom_values import Custom
from automations.pipeline.intake.field_types import FieldType


def _kind(subject: str, entry: Field) -> FieldType:
    if entry.type == stored.OWN:
        return Custom(subject)
    return _WHOLES[entry.type]() if entry.type in _WHOLES else kind_of(entry)


_WHOLES: Mapping[str, Callable[[], FieldType]] = {
    stored.PERSON: PersonType,
    stored.LINES: LinesType,
    stored.ADDRESS: AddressType,
    stored.PARCELS: ParcelsType,
}


FIELDS: Mapping[str, Mapping[str, FieldType]] = {
    key: {entry.key: _kind(key, entry) for entry, _ in subject.placed("api")}
    for key, subject in SUBJECTS.items()
}

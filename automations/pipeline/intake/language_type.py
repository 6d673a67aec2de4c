"""The field type of a language."""

from __future__ import annotations

from dataclasses import dataclass

from automations.engine.fields.language_tags import LONGEST
from automations.engine.operators.value_types import shown
from automations.messages.languages import known_tag
from automations.pipeline.intake import patterns
from automations.pipeline.intake.field_types import (
    SAYS_NOTHING,
    FieldType,
    Read,
    ReadingContext,
    Schema,
    invalid_input,
    text_of,
)


@dataclass(frozen=True)
class LanguageType(FieldType):
    """A language as a tag such as de or de-AT, or by its name."""

    example: str

    def nothing(self) -> str:
        return ""

    def reader(self, context: ReadingContext) -> Read:
        def read(value: object) -> str:
            text = text_of(value)
            if not text.strip() and len(text) <= LONGEST:
                return SAYS_NOTHING
            tag = known_tag(text) if len(text) <= LONGEST else ""
            if not tag:
                raise invalid_input(f"Needs a language such as de or de-AT, not {shown(text)}.")
            return tag

        return read

    def schema(self) -> Schema:
        words = "What they read: the tag of a language, with a country or without."
        limits = {"maxLength": LONGEST, "pattern": patterns.TEXT}
        return {"type": "string"} | limits | {"description": words, "examples": [self.example]}

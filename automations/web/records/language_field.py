"""The control of a language, which offers those that people speak by name."""

from __future__ import annotations

from typing import Any

from wtforms import SelectField
from wtforms.fields.choices import SelectChoice

from automations.messages.languages import name_of, offered

NOT_KNOWN = "Not known"


class LanguageField(SelectField):
    """A language by its tag; a record keeps one that is not offered."""

    data: str | None

    def __init__(self, label: str, **options: Any) -> None:
        super().__init__(label, choices=[], **options)

    def process(self, *arguments: Any, **options: Any) -> None:
        super().process(*arguments, **options)
        known = [("", NOT_KNOWN), *offered()]
        kept = self.object_data or ""
        others = [] if kept in dict(known) else [(kept, name_of(kept))]
        self.choices = [SelectChoice(*choice) for choice in (*known, *others)]
        # A form that leaves it out leaves it alone.
        self.data = kept if self.data is None else self.data

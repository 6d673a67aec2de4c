"""A limit of characters whose sentence is written when it is needed, with the store's separators."""

from __future__ import annotations

from typing import Any

from wtforms.validators import Length, ValidationError

from automations.engine.operators.value_types import counted


class ShortEnough(Length):
    """Refuses a text of more than `longest` characters."""

    def __init__(self, longest: int) -> None:
        super().__init__(max=longest)
        self.longest = longest

    def __call__(self, form: Any, field: Any) -> None:
        if len(field.data or "") > self.longest:
            raise ValidationError(f"Shorten it to {counted(self.longest)} characters.")

"""The other words by which the fields of a condition are found."""

from __future__ import annotations

import pytest

from automations.engine.fields.subjects import SUBJECTS
from automations.web.builder.controls import Option
from automations.web.builder.field_options import options_of

OPTIONS = [
    option
    for subject in SUBJECTS.values()
    for fields in (subject.fields, subject.line_fields)
    for option in options_of(fields.values(), subject.label)
]


@pytest.mark.parametrize("option", OPTIONS, ids=lambda option: option.value)
def test_every_field_has_other_words_that_its_label_does_not_say(option: Option) -> None:
    label = {*option.label.lower().replace("’s", "").split()}
    assert option.words and not label & {*option.words.split()}

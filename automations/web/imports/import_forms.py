"""What the forms of an import say: columns, ways of writing, meanings of words, and how it is to start."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from automations.features.csv_import import unknown_words
from automations.features.csv_import.starting import ShownReading
from automations.features.csv_import.unknown_words import Choice
from automations.models.tables.csv_import import CsvImport

#: What a form says of dates -> whether the month comes first in them.
MONTH_FIRST = {"day": False, "month": True}
#: What a form says of the mark before decimals.
MARK_KEYS = {",": "comma", ".": "point"}
MARKS = {key: mark for mark, key in MARK_KEYS.items()}


def words_in(form: Mapping[str, str]) -> list[Choice]:
    """Return what a form says that words mean."""
    return [
        (form[f"field-{place}"], form[f"said-{place}"][: unknown_words.LONGEST_WORD], form[f"meant-{place}"])
        for place in range(unknown_words.MOST_WORDS)
        if {f"field-{place}", f"said-{place}", f"meant-{place}"} <= form.keys()
    ]


def options_in(form: Mapping[str, str], one: CsvImport) -> dict[str, Any]:
    """Return the ways of writing that a person chose. What the file shows by itself is no choice."""
    mark = MARKS.get(form.get("amounts", ""))
    if not one.options.get("mark") and mark == one.options.get("whole"):
        mark = None
    return {"month_first": MONTH_FIRST.get(form.get("date_order", "")), "mark": mark}


def shown_in(form: Mapping[str, str], one: CsvImport) -> ShownReading:
    """Return how the file is read by what the page showed."""
    names = [f"column-{place}" for place in range(len(one.headings))]
    return ShownReading(
        [form.get(name, "") for name in names] if names[0] in form else None,
        MARKS.get(form.get("amounts", "")),
        MONTH_FIRST.get(form.get("date_order", "")),
        words_in(form),
    )


def start_in(form: Mapping[str, str]) -> dict[str, Any]:
    """Return what is to become of known records and whether automations fire; {} if the form has neither."""
    if "known" not in form:
        return {}
    return {"known": "leave" if form["known"] == "leave" else "change", "fires": "fires" in form}

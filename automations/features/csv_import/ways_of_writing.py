"""How a file writes amounts and dates: what it shows by itself, and what people say where it does not.

What they say is remembered with the words of files of the same kind.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automations.connectors.sources.written_numbers import OTHER
from automations.engine.fields.currencies import decimals_of
from automations.features.csv_import import amount_marks, mark_tallies
from automations.features.csv_import.column_guesses import targets
from automations.features.csv_import.unknown_words import by_word
from automations.models.settings.choices import StoreWords

#: Under these names it is remembered, in place of a field; the word is "".
AMOUNTS, DATES = "amounts", "dates"
DAY, MONTH = "day", "month"
ASK_DATES = "Its dates do not show whether the day or the month comes first. Choose which."
ASK_AMOUNTS = "Its amounts do not show whether “{}” has thousands or decimals. Choose which."


def settled(
    options: Mapping[str, Any], columns: Sequence[str], subject: str, words: StoreWords
) -> dict[str, Any]:
    """Return the options of an import with how its numbers are read.

    "mark" is what a person chose, of this file or, where it shows nothing, of an earlier one; "overruled" is
    what was chosen of an earlier one and is not so in this; "marks" are the marks before decimals by column;
    "unclear" is a cell whose column does not show its own, and "whole" how it is read, or "".
    """
    remembered = by_word(options.get("words", [])).get((AMOUNTS, ""), "")
    remembered = remembered if remembered in OTHER else ""
    types = {column.key: column.type for column in targets(subject, words)}
    in_one_currency = subject != "order" or "currency" not in columns
    whole_only = in_one_currency and decimals_of(words.currency) == 0
    tallies = mark_tallies.from_data(options.get("amounts", {}))
    chosen = options.get("mark") or ""
    marks = amount_marks.settled(tallies, columns, types, chosen, whole_only, remembered)
    is_overruled = bool(remembered and marks.shown) and marks.shown != remembered
    found = {"mark": chosen or ("" if marks.shown else remembered), "marks": dict(marks.by_column)}
    found |= {"unclear": marks.example, "whole": marks.mark, "overruled": remembered if is_overruled else ""}
    return {**options, **found}


def what_to_ask(options: Mapping[str, Any]) -> str:
    """Return what a person has to say before the file can be checked, as a sentence; "" if nothing."""
    if options["unsettled"] and options["month_first"] is None:
        return ASK_DATES
    if options["unclear"] and not options["whole"]:
        return ASK_AMOUNTS.format(options["unclear"])
    return ""


def chosen_now(options: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Return what a person said of this file, as it is remembered: (AMOUNTS or DATES, "", what)."""
    said = []
    if options["unclear"] and options["mark"]:
        said.append((AMOUNTS, "", options["mark"]))
    if options["unsettled"] and options["month_first"] is not None:
        said.append((DATES, "", MONTH if options["month_first"] else DAY))
    return said


def remembered_month_first(options: Mapping[str, Any]) -> bool | None:
    """Return whether months come first, as a person said of an earlier file; None if nobody did."""
    said = by_word(options.get("words", [])).get((DATES, ""))
    return None if said is None else said == MONTH

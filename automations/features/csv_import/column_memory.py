"""Which column people chose for a heading: the next file of the same kind that has it begins with that."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from automations.features.csv_import.column_guesses import FORMATS, guessed, targets
from automations.features.csv_import.csv_format import folded
from automations.features.csv_import.file_record import LEFT_OUT
from automations.features.csv_import.unknown_words import LONGEST_WORD, Choice, by_word
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CsvImport

#: Under this name it is remembered with the words of files, in place of a field; the word is the heading.
COLUMN = "column"


def recalled(
    headings: Sequence[str], subject: str, kept: Sequence[Sequence[str]], words: StoreWords
) -> dict[int, str]:
    """Return what was chosen for these headings: the key of our column, or "" to leave it out, by place."""
    meant, known = by_word(kept), {column.key for column in targets(subject, words)}
    found: dict[int, str] = {}
    for place, heading in _told_apart(headings).items():
        key = meant.get((COLUMN, folded(heading)), "")
        if key == LEFT_OUT:
            found[place] = ""
        elif key in known and key not in found.values():
            found[place] = key
    return found


def chosen_now(one: CsvImport, words: StoreWords) -> list[Choice]:
    """Return what a person chose for headings otherwise than it is guessed, and what is no longer so."""
    guess = guessed(one.headings, one.subject, FORMATS.get(one.options["format"]), words)
    before = by_word(one.options.get("words", []))
    said = []
    for place, heading in _told_apart(one.headings).items():
        is_guessed = one.columns[place] == guess[place]
        choice = "" if is_guessed else one.columns[place] or LEFT_OUT
        if before.get((COLUMN, folded(heading)), "") != choice:
            said.append((COLUMN, heading, choice))
    return said


def is_recalled(options: Mapping[str, Any], place: int, key: str) -> bool:
    """Return whether a column is what was chosen for an earlier file."""
    return bool(options.get("recalled", {}).get(str(place)) == key)


def _told_apart(headings: Sequence[str]) -> dict[int, str]:
    """Return the headings that stand once, by their places."""
    all_of_them = [folded(heading) for heading in headings]
    return {
        place: heading
        for place, heading in enumerate(headings)
        if heading.strip() and len(heading) <= LONGEST_WORD and all_of_them.count(folded(heading)) == 1
    }

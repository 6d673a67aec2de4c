"""Words of a file that the store's lists do not know, counted while it is checked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from automations.features.csv_files import csv_lines
from automations.features.csv_import.csv_format import folded
from automations.features.csv_import.file_record import FileRow, RecordMaker
from automations.models.tables.csv_import import CsvImport
from automations.models.tables.store import Store, locked

#: So many words are listed, each no longer than this; the rows of all others are counted together.
MOST_WORDS, LONGEST_WORD = 100, 60
#: So many are remembered for one kind of file; the oldest go first.
REMEMBERED = 300
#: A field, a word of the file, and what was chosen for it: the key of an entry, LEFT_OUT, or "" to refuse it.
Choice = tuple[str, str, str]
#: Under these names the figures of an import have [[field, word, rows], …], and the rows of all others.
WORDS, OTHER_ROWS = "words", "other_word_rows"


@dataclass(frozen=True, slots=True)
class UnknownWord:
    """One word with the field it would be a value of, and in how many rows it stands."""

    field: str
    said: str
    rows: int


def counted(maker: RecordMaker, rows: Iterable[FileRow], figures: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of an import with the unknown words of some more rows."""
    lists = [key for key, column in maker.columns.items() if column.type == "choice" and column.list_key]
    found = {(field, folded(said)): [field, said, count] for field, said, count in figures.get(WORDS, [])}
    others = int(figures.get(OTHER_ROWS, 0))
    for _, cells in rows:
        for name in lists:
            said = csv_lines.unguarded(cells[name]).strip() if name in cells else ""
            if not said or maker.entry_of(maker.columns[name], said) is not None:
                continue
            entry = found.get((name, folded(said)))
            if entry is not None:
                entry[2] += 1
            elif len(found) < MOST_WORDS and len(said) <= LONGEST_WORD:
                found[name, folded(said)] = [name, said, 1]
            else:
                others += 1
    more = {WORDS: list(found.values())} if found else {}
    return {**figures, **more, **({OTHER_ROWS: others} if others else {})}


def listed(figures: Mapping[str, Any]) -> list[UnknownWord]:
    """Return the unknown words of an import: by field, and those of most rows first."""
    words = [UnknownWord(*entry) for entry in figures.get(WORDS, [])]
    return sorted(words, key=lambda word: (word.field, -word.rows, word.said))


def remembered(store: Store, subject: str, format_key: str) -> list[list[str]]:
    """Return what people said that words of earlier files of the same kind mean."""
    kinds: Mapping[str, list[list[str]]] = store.import_words or {}
    return kinds.get(kind_of(subject, format_key), [])


def remember(session: Session, one: CsvImport, choices: Sequence[Choice]) -> None:
    """Keep what a person chose for this file and the next of its kind, inside write()."""
    if not choices:
        return
    one.options = {**one.options, "words": _with(one.options.get("words", []), choices)}
    store = locked(session, one.store_id)
    format_key = one.options["format"]
    kept = _with(remembered(store, one.subject, format_key), choices)[-REMEMBERED:]
    store.import_words = {**(store.import_words or {}), kind_of(one.subject, format_key): kept}


def kind_of(subject: str, format_key: str) -> str:
    """Return which files are of one kind: "order:shopify"."""
    return f"{subject}:{format_key}"


def by_word(kept: Sequence[Sequence[str]]) -> dict[tuple[str, str], str]:
    """Return what people chose, kept as [[field, word, key of an entry or LEFT_OUT], …], to look it up."""
    return {(field, folded(said)): meant for field, said, meant in kept}


def _with(kept: Sequence[Sequence[str]], choices: Sequence[Choice]) -> list[list[str]]:
    """Return what was chosen, newer choices last; a word that is refused is not kept."""
    new = {(field, folded(said)) for field, said, _ in choices}
    old = [list(entry) for entry in kept if (entry[0], folded(entry[1])) not in new]
    return [*old, *([field, said, meant] for field, said, meant in choices if meant)]

"""What people say that unknown words of a file mean; the next file of the same kind begins with that."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from automations.features.csv_import import imports
from automations.features.csv_import.csv_format import folded
from automations.features.csv_import.file_record import LEFT_OUT
from automations.features.csv_import.unknown_words import kind_of, remembered
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CHECKED, CsvImport
from automations.models.tables.store import locked

#: So many are remembered for one kind of file; the oldest go first.
REMEMBERED = 300
#: A field, a word of the file, and what was chosen for it: the key of an entry, LEFT_OUT, or "" to refuse it.
Choice = tuple[str, str, str]


def choose(session: Session, import_id: int, choices: Sequence[Choice], words: StoreWords) -> str:
    """Keep what words mean and have the file checked again, inside write(); return why not, or ""."""
    one = session.get_one(CsvImport, import_id, with_for_update=True, populate_existing=True)
    if one.state != CHECKED:
        return imports.OTHER_STATE
    lists = imports.lists_of(one.subject, words)
    good = [
        (field, said, meant)
        for field, said, meant in choices
        if field in lists and (meant in ("", LEFT_OUT) or words.key_for(lists[field], meant) == meant)
    ]
    one.options = {**one.options, "words": _with(one.options.get("words", []), good)}
    store = locked(session, one.store_id)
    format_key = one.options["format"]
    kept = _with(remembered(store, one.subject, format_key), good)[-REMEMBERED:]
    store.import_words = {**(store.import_words or {}), kind_of(one.subject, format_key): kept}
    imports.check_again(session, one)
    return ""


def _with(kept: Sequence[Sequence[str]], choices: Sequence[Choice]) -> list[list[str]]:
    """Return what was chosen, newer choices last; a word that is refused is not kept."""
    new = {(field, folded(said)) for field, said, _ in choices}
    old = [list(entry) for entry in kept if (entry[0], folded(entry[1])) not in new]
    return [*old, *([field, said, meant] for field, said, meant in choices if meant)]

"""What people say that unknown words of a file mean; the next file of the same kind begins with that."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from automations.features.csv_import import imports, unknown_words
from automations.features.csv_import.csv_format import folded
from automations.features.csv_import.file_record import LEFT_OUT
from automations.features.csv_import.unknown_words import Choice
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CsvImport


def keep(session: Session, import_id: int, choices: Sequence[Choice], words: StoreWords) -> bool:
    """Keep what words mean, inside write(); return whether that is new. The file is then to be checked again.

    Nothing is kept of a choice that is none, or once the import has begun.
    """
    one = session.get_one(CsvImport, import_id, with_for_update=True, populate_existing=True)
    if one.state not in imports.MAY_MAP:
        return False
    lists, before = imports.lists_of(one.subject, words), unknown_words.by_word(one.options.get("words", []))
    new = [
        (field, said, meant)
        for field, said, meant in choices
        if field in lists
        and (meant in ("", LEFT_OUT) or words.key_for(lists[field], meant) == meant)
        and before.get((field, folded(said)), "") != meant
    ]
    unknown_words.remember(session, one, new)
    return bool(new)

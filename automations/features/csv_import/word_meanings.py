"""What people say that unknown words of a file mean; the next file of the same kind begins with that."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.orm import Session

from automations.features.csv_import import imports, unknown_words
from automations.features.csv_import.file_record import LEFT_OUT
from automations.features.csv_import.unknown_words import Choice
from automations.models.settings.choices import StoreWords
from automations.models.tables.csv_import import CHECKED, CsvImport


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
    unknown_words.remember(session, one, good)
    imports.check_again(session, one)
    return ""

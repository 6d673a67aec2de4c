"""The automations of a store as files: what is live, or the draft of those that are off."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from automations.features.rules_as_code.naming import ToNames, renamed
from automations.features.rules_as_code.rule_file import file_name, written
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store


@dataclass(frozen=True)
class ExportedFile:
    """One automation as a file."""

    file: str
    text: str


def exported(session: Session, store: Store) -> list[ExportedFile]:
    """Return a file for each automation that is not archived, by name."""
    words, taken = StoreWords(session, store), set[str]()
    return [
        ExportedFile(file_name(automation.name, taken), as_text(session, words, automation))
        for automation in automations_of(session, store)
    ]


def automations_of(session: Session, store: Store) -> Sequence[Automation]:
    """Return the automations of a store that are not archived, by name."""
    query = sa.select(Automation).where(Automation.store_id == store.id, Automation.archived_at.is_(None))
    query = query.options(joinedload(Automation.latest_version), joinedload(Automation.active_version))
    return session.scalars(query.order_by(Automation.name)).all()


def as_text(session: Session, words: StoreWords, automation: Automation) -> str:
    """Return the file of one automation."""
    return text_of(
        session, words, automation.name, automation.group_name, is_on(automation), shown(automation)
    )


def text_of(
    session: Session, words: StoreWords, name: str, group: str, live: bool, data: Mapping[str, Any]
) -> str:
    """Return rule data with the ids of a store as the text of a file."""
    custom = words.custom_ever(str(data.get("subject")))
    return written(name, group, live, renamed(data, ToNames(session, words), custom))


def shown(automation: Automation) -> Mapping[str, Any]:
    """Return the rule data that its file shows: that of the live version, or the draft while it is off."""
    version = automation.active_version
    data: Mapping[str, Any] = version.definition if version else automation.draft
    return data


def is_on(automation: Automation) -> bool:
    """Whether it is switched on."""
    return automation.active_version_id is not None

"""What the audit keeps of a published rule: its sentence, without what may be a person's."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.engine.fields.problem import lower
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.impersonal import without_persons
from automations.engine.wording.wording import sentence, text_of
from automations.features.authoring.timing_phrases import caps_words, timing_words
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Version
from automations.models.tables.store import Store

Data = Mapping[str, Any]


def difference(session: Session, store: Store, version: Version) -> tuple[Data, Data]:
    """Return the sentences of the version before, if there is one, and of this one, under "rule".

    Both are empty where they say the same: then only texts or settings of actions differ.
    """
    earlier = sa.and_(Version.automation_id == version.automation_id, Version.number < version.number)
    before = session.scalar(sa.select(Version).where(earlier).order_by(Version.number.desc()).limit(1))
    words = StoreWords(session, store)
    old, new = _told(words, before.definition) if before else None, _told(words, version.definition)
    return ({}, {}) if old == new else ({"rule": old}, {"rule": new})


def _told(words: StoreWords, data: Data) -> str:
    key = str(data.get("subject"))
    if key not in SUBJECTS:
        return "…"
    custom = words.custom_ever(key)
    subject = SUBJECTS[key].with_custom(custom)
    conditions = without_persons(subject, data.get("conditions") or ())
    # An action's own summary may hold an address or a text.
    phrases = [
        lower(kind.label) + timing_words(subject, action.get("timing"), words.formats)
        for action in data.get("actions") or ()
        if (kind := ACTIONS.get(str(action.get("kind"))))
    ]
    said = text_of(sentence({**data, "conditions": conditions}, words, phrases, custom))
    return f"{said}{caps_words(key, data.get('caps'), words.formats) or ''}"

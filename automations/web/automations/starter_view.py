"""The gallery of starters as the page shows it: in words, searched, and with what the past says of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from automations.engine.wording.wording import Part, text_of
from automations.features.authoring import drafts
from automations.features.past.funnel import funnel
from automations.features.past.period import period_of
from automations.features.past.time_moments import NotTimed
from automations.features.starters.gallery import STARTERS
from automations.features.starters.starter_parts import Starter
from automations.models.db.base import db
from automations.models.db.text_search import folded
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.web.kit.template_filters import counted

#: The period that starters are counted over, a key of PERIODS.
PERIOD = "30"


@dataclass(frozen=True)
class StarterCard:
    """A starter with its sentence. `would_have` says how often it would have run here, if that was asked."""

    starter: Starter
    sentence: Sequence[Part]
    would_have: str


def starter_cards(store: Store, text: str, counted: bool) -> list[StarterCard]:
    """Return the starters that have every word of `text` in their title, name or sentence."""
    words, now = StoreWords(db.session(), store), dt.datetime.now(dt.UTC)
    cards = (StarterCard(starter, drafts.in_words(words, starter.data), "") for starter in STARTERS.values())
    found = [card for card in cards if _says(card, folded(text).split())]
    if not counted:
        return found
    return [
        StarterCard(card.starter, card.sentence, would_have(store, words, card.starter, now))
        for card in found
    ]


def would_have(store: Store, words: StoreWords, starter: Starter, now: dt.datetime) -> str:
    """Say how often a starter would have run in the store's last 30 days: "204 times in 30 days"."""
    if starter.asks:
        return "Counted once an account is chosen"
    try:
        found = funnel(db.session(), store, words, starter.data, period_of(PERIOD, store, now))
    except NotTimed:
        return "Not known for these 30 days"
    fired = found.fired if found.capped is None else found.capped
    times = f"{counted(fired)} time{'' if fired == 1 else 's'}" if fired else "Not once"
    return f"{times} in 30 days"


def _says(card: StarterCard, needles: Sequence[str]) -> bool:
    starter = card.starter
    said = folded(" ".join((starter.title, starter.name, text_of(card.sentence))))
    return all(needle in said for needle in needles)

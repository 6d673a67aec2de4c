"""All checks of a draft: what is known at once, and what the past has to be read for."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.orm import Session

from automations.engine.rules.rule import Problem
from automations.features.authoring import drafts
from automations.features.authoring.contradiction import first_day
from automations.features.authoring.loop_detection import changes_anything, circles
from automations.features.checks.alike import alike
from automations.features.checks.check import Check, CheckPiece, place_of, sentence, sorted_checks
from automations.features.checks.going_order import order_that_matters
from automations.features.checks.no_address import without_address
from automations.features.checks.others import Other, live_others
from automations.features.checks.overlap import newest_match, overlaps
from automations.features.checks.proven import judgeable, no_contradiction, own_conditions
from automations.features.checks.unworkable import unworkable
from automations.features.past.period import DEFAULT, period_of
from automations.features.trial.empty_lately import LatestRecords, empty_lately
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store

Data = Mapping[str, Any]


def checks_of(
    session: Session, store: Store, words: StoreWords, automation: Automation, data: Data, now: dt.datetime
) -> list[Check]:
    """Return every check of the draft `data` of an automation, what stops first, what is well last."""
    draft = _ChecksOfDraft(session, store, words, automation, data)
    return sorted_checks([*draft.at_once(automation.name, now), *draft.of_the_past(now)])


def checks_at_once(
    session: Session,
    store: Store,
    words: StoreWords,
    automation: Automation,
    name: str,
    data: Data,
    now: dt.datetime,
) -> list[Check]:
    """Return the checks that need no past; `name` is the one in the form."""
    return _ChecksOfDraft(session, store, words, automation, data).at_once(name, now)


def checks_of_the_past(
    session: Session, store: Store, words: StoreWords, automation: Automation, data: Data, now: dt.datetime
) -> list[Check]:
    """Return the checks with witnesses from the last 90 days; none while the rule is not finished."""
    return _ChecksOfDraft(session, store, words, automation, data).of_the_past(now)


class _ChecksOfDraft:
    """A draft with what all its checks need to know, found out once."""

    def __init__(
        self, session: Session, store: Store, words: StoreWords, automation: Automation, data: Data
    ) -> None:
        self._session, self._store, self._words, self._data = session, store, words, data
        self._place = automation.position
        self._problems = drafts.problems(words, data)
        self._others = live_others(session, store, automation)
        self._judged = judgeable(words, data, self._problems)

    def at_once(self, name: str, now: dt.datetime) -> list[Check]:
        words, data = self._words, self._data
        found = list(unworkable(self._session, self._store, data))
        if self._judged:
            rule, places = self._judged
            found += own_conditions(words, rule, places, first_day(self._store, now))
            if not _about_the_rule(self._problems):
                found += alike(words, rule, data, self._others)
        return sorted_checks([*found, *_loops(words, name, data, self._others)])

    def of_the_past(self, now: dt.datetime) -> list[Check]:
        session, store, words, data = self._session, self._store, self._words, self._data
        latest = LatestRecords(session, store, words, data, self._problems, now)
        found = [*_empty(session, store, words, data, self._problems, latest), *without_address(data, latest)]
        if self._judged and not _about_the_rule(self._problems):
            (rule, _), others, period = self._judged, self._others, period_of(DEFAULT, store, now)
            found += no_contradiction(words, store, rule, newest_match(session, store, rule, period), now)
            found += overlaps(session, store, rule, data, others, period)
            found += order_that_matters(session, store, words, rule, data, self._place, others, period)
        return sorted_checks(found)


def _about_the_rule(problems: list[Problem]) -> bool:
    return any(not problem.path.startswith(("actions", "caps")) for problem in problems)


def _loops(words: StoreWords, name: str, data: Data, others: list[Other]) -> Iterator[Check]:
    if not changes_anything(data):
        return
    found = circles(name, data, [(other.name, other.data) for other in others], words.key_for)
    for circle in found:
        yield Check("loop", "warn", sentence(circle.sentence), circle=circle)
    if not found:
        yield Check(
            "loop",
            "ok",
            sentence(CheckPiece("No loop:", strong=True), " no action here starts this automation again."),
        )


def _empty(
    session: Session,
    store: Store,
    words: StoreWords,
    data: Data,
    problems: list[Problem],
    latest: LatestRecords,
) -> Iterator[Check]:
    several = len(data.get("actions") or ()) > 1
    if data.get("subject"):
        for field in empty_lately(session, store, words, data, problems, latest):
            said = f"Action {field.place + 1}: {field.sentence}" if several else field.sentence
            yield Check("empty", "warn", sentence(CheckPiece(said, place_of(("actions", field.place)))))

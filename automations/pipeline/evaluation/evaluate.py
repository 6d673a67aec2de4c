"""Evaluates which automations fire on an occurrence. Before: receive. After: outbox.

Every process keeps the indexes of a store in memory. The store's ruleset number, read inside the
transaction, says how far they are behind; only what has changed since is patched.
"""

from __future__ import annotations

import datetime as dt
import threading
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import zip_longest
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.explain.explanation import explain
from automations.engine.fields.subject import Field
from automations.engine.index.rule_index import RuleIndex
from automations.engine.operators.value_types import STORE_CURRENCY
from automations.engine.rules.occurrence_facts import OccurrenceFacts
from automations.engine.rules.rule import Rule, Trigger, rule_from
from automations.models.db.driver import connection_of
from automations.models.tables.automation import Listening, Version
from automations.models.tables.custom_field import fields_of
from automations.models.tables.occurrence import MANUAL
from automations.models.tables.segment import Segment


@dataclass(frozen=True, slots=True)
class LiveAction:
    """One action of a listening version, with what its kind said when it was published."""

    kind: str
    #: As in rule data; None means at once.
    timing: Mapping[str, Any] | None = None
    #: The host it calls; "" for most kinds.
    lane: str = ""
    #: Whether it has to keep the quiet hours.
    marketing: bool = False


@dataclass(frozen=True, slots=True)
class LiveVersion:
    """A version that is listening: its rule and its actions in order."""

    version_id: int
    automation_id: int
    rule: Rule
    actions: tuple[LiveAction, ...]
    #: How often it may run, as in rule data; see frequency_caps.
    caps: Mapping[str, Any] | None = None
    #: Of a version in shadow mode: since when. Nothing that it would do is done.
    shadow_since: dt.datetime | None = None


@dataclass(slots=True)
class RuleSet:
    """The versions that listen in one store, as of one ruleset number, with their indexes."""

    number: int = 0
    indexes: dict[tuple[str, str], RuleIndex] = field(default_factory=dict)
    live: dict[int, LiveVersion] = field(default_factory=dict)
    #: The store's own fields by subject and key, removed ones too: older rules still use them.
    custom: dict[str, dict[str, Field]] = field(default_factory=dict)
    #: By (subject, trigger), the versions that no index can hold, each with the sentence that says why.
    broken: dict[tuple[str, str], dict[int, str]] = field(default_factory=dict)
    segments: bool = False


@dataclass(frozen=True, slots=True)
class Evaluated:
    """A version that fired, or that could not be evaluated: one row to be written."""

    live: LiveVersion
    error: str | None = None


_rulesets: dict[tuple[sa.Engine, int], RuleSet] = {}
_lock = threading.Lock()


def clear_cache() -> None:
    """Drop every cached index; the next occurrence reads them again."""
    with _lock:
        _rulesets.clear()


class Evaluator(Protocol):
    """Decides what fires: all rules of a store, or the one version an occurrence is meant for."""

    ruleset: int

    def evaluate(self, occurrence: OccurrenceFacts) -> list[Evaluated]:
        """Return the versions that fire, and those that could not be evaluated."""
        ...


def live_of(version: Version) -> LiveVersion:
    """Return a version in the form in which it is evaluated."""
    rule = rule_from(version.id, version.definition)
    pairs: Iterable[tuple[Any, Any]] = zip_longest(
        version.definition["actions"], version.action_traits or (), fillvalue={}
    )
    actions = tuple(
        LiveAction(action.get("kind"), action.get("timing"), **traits) for action, traits in pairs
    )
    since = version.published_at if version.shadow else None
    return LiveVersion(
        version.id, version.automation_id, rule, actions, version.definition.get("caps"), since
    )


def by_hand(rule: Rule) -> Rule:
    """Return the rule with the manual trigger: run by hand, only its conditions count."""
    return replace(rule, trigger=Trigger(MANUAL))


class StoreEvaluator:
    """The rules of one store at one moment, for the occurrences of one transaction."""

    def __init__(self, session: Session, store_id: int, ruleset: int) -> None:
        key = (connection_of(session).engine, store_id)
        with _lock:
            self.rules = _rulesets.setdefault(key, RuleSet())
            # A newer ruleset, read by another transaction of this process, stays: it was committed before.
            if self.rules.number < ruleset:
                _catch_up(session, store_id, self.rules, ruleset)
        self.ruleset = self.rules.number

    def evaluate(self, occurrence: OccurrenceFacts) -> list[Evaluated]:
        """Return the versions that fire, by id, then those that could not be evaluated."""
        key = (occurrence.subject, occurrence.trigger)
        with _lock:
            index, broken = self.rules.indexes.get(key), self.rules.broken.get(key, {})
            if not index and not broken:
                return []
            custom = self.rules.custom.get(occurrence.subject)
            errors = [Evaluated(self.rules.live[id], error=why) for id, why in broken.items()]
            try:
                facts = occurrence.read(index.fields, custom) if index else {}
                if STORE_CURRENCY not in occurrence.snapshot:
                    fired = index.fires(facts) if index else []
                    return [*(Evaluated(self.rules.live[id]) for id in fired), *errors]
                listening = [self.rules.live[id] for id in index.possible(facts)] if index else []
            except Exception:
                errors = []
                listening = [live for live in self.rules.live.values() if _listens(live.rule, *key)]
        return [*_each_alone(listening, occurrence, custom), *errors]


class QuietEvaluator(StoreEvaluator):
    """The rules of a store for changes that set nothing off."""

    def evaluate(self, occurrence: OccurrenceFacts) -> list[Evaluated]:
        """Return nothing: no automation listens."""
        return []


def _each_alone(
    listening: list[LiveVersion], occurrence: OccurrenceFacts, custom: Mapping[str, Field] | None
) -> list[Evaluated]:
    """Evaluate rule by rule, slowly, where a value cannot be read: only rules that need it are in error."""
    evaluated = []
    for live in sorted(listening, key=lambda live: live.version_id):
        try:
            if explain(live.rule, occurrence.read(live.rule.fields, custom), custom).fires:
                evaluated.append(Evaluated(live))
        except Exception as error:
            evaluated.append(Evaluated(live, error=str(error)))
    return evaluated


def _listens(rule: Rule, subject: str, trigger: str) -> bool:
    return rule.subject == subject and rule.trigger.key == trigger


def _catch_up(session: Session, store_id: int, rules: RuleSet, ruleset: int) -> None:
    """Patch the indexes with the versions whose listening changed after `rules.number`, up to `ruleset`."""
    since = rules.number
    query = sa.select(Version, Listening.from_ruleset, Listening.until_ruleset).join(Listening.version)
    ended = Listening.until_ruleset.between(since + 1, ruleset)
    changed = sa.or_(Listening.from_ruleset > since, ended) if since else Listening.until_ruleset > ruleset
    spans = session.execute(query.where(Listening.store_id == store_id, changed).order_by(Listening.id))
    _read_the_store(session, store_id, rules)
    for version, begins, ends in spans.all():
        if begins <= ruleset < ends:
            _add(rules, version)
        else:
            _remove(rules, version.id)
    rules.number = ruleset


def _read_the_store(session: Session, store_id: int, rules: RuleSet) -> None:
    """Read the store's own fields, and whether it has segments to keep up to date."""
    rules.custom = fields_of(session, store_id, removed=True)
    for (subject, _), index in rules.indexes.items():
        index.custom = rules.custom.get(subject)
    has = sa.select(Segment.id).where(Segment.store_id == store_id).limit(1)
    rules.segments = session.execute(has).first() is not None


def _add(rules: RuleSet, version: Version) -> None:
    _remove(rules, version.id)
    live = live_of(version)
    rule, rules.live[version.id] = live.rule, live
    where, custom = (rule.subject, rule.trigger.key), rules.custom.get(rule.subject)
    index = rules.indexes.setdefault(where, RuleIndex(custom=custom))
    try:
        index.add(rule)
    except ValueError as problem:
        rules.broken.setdefault(where, {})[version.id] = str(problem)


def _remove(rules: RuleSet, version_id: int) -> None:
    removed = rules.live.pop(version_id, None)
    if removed:
        where = removed.rule.subject, removed.rule.trigger.key
        if rules.broken.get(where, {}).pop(version_id, None) is None:
            rules.indexes[where].remove(version_id)

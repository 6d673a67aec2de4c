"""Which automations fire on an occurrence. Before: receive. After: relay.

Every process keeps the indexes of a store in memory. The store's ruleset number, read inside
the transaction, says how far they are behind; only what changed since is patched.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import zip_longest
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.explain import explain
from automations.engine.index import RuleIndex
from automations.engine.rule import Rule, Trigger, rule_from
from automations.engine.subject import Field
from automations.engine.subjects import facts
from automations.engine.values import Value
from automations.models.automation import Listening, Version
from automations.models.custom_field import fields_of
from automations.models.driver import connection_of
from automations.models.occurrence import MANUAL
from automations.models.segment import Segment
from automations.pipeline.circumstances import Circumstances


@dataclass(frozen=True, slots=True)
class LiveAction:
    """One action of a listening version, with what its kind said when it was published."""

    kind: str
    #: As in rule data; None is straight away.
    timing: Mapping[str, Any] | None = None
    #: The host it calls, "" for most.
    lane: str = ""
    #: Whether it has to keep the quiet hours.
    marketing: bool = False


@dataclass(frozen=True, slots=True)
class Live:
    """A version that is listening: its rule and its actions in order."""

    version_id: int
    automation_id: int
    rule: Rule
    actions: tuple[LiveAction, ...]
    #: How often it may run, as in rule data; see caps.
    caps: Mapping[str, Any] | None = None


@dataclass(slots=True)
class RuleSet:
    """All that listens in one store, as of one ruleset number."""

    number: int = 0
    indexes: dict[tuple[str, str], RuleIndex] = field(default_factory=dict)
    live: dict[int, Live] = field(default_factory=dict)
    #: The store's own fields by subject and key; those removed since are known to the rules of then.
    custom: dict[str, dict[str, Field]] = field(default_factory=dict)
    #: Versions no index can hold, by (subject, trigger), each with the sentence that says why.
    broken: dict[tuple[str, str], dict[int, str]] = field(default_factory=dict)
    segments: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """One row to be written: a version that fired, or could not be judged."""

    live: Live
    error: str | None = None


_rulesets: dict[tuple[sa.Engine, int], RuleSet] = {}
_lock = threading.Lock()


def forget() -> None:
    """Drop every cached index; the next occurrence reads them again."""
    with _lock:
        _rulesets.clear()


class Judging(Protocol):
    """Whoever says what fires: the store's rules, or the one version an occurrence is meant for."""

    ruleset: int

    def judge(
        self,
        subject: str,
        trigger: str,
        snapshot: Mapping[str, Any],
        from_value: str | None,
        to_value: str | None,
        around: Circumstances | None = None,
    ) -> list[Outcome]:
        """What fires, and what could not be judged."""
        ...


def live_of(version: Version) -> Live:
    """Return a version in the form in which it is judged."""
    rule = rule_from(version.id, version.definition)
    pairs: Iterable[tuple[Any, Any]] = zip_longest(
        version.definition["actions"], version.action_traits or (), fillvalue={}
    )
    actions = tuple(
        LiveAction(action.get("kind"), action.get("timing"), **traits) for action, traits in pairs
    )
    return Live(version.id, version.automation_id, rule, actions, version.definition.get("caps"))


def by_hand(rule: Rule) -> Rule:
    """The rule without what it otherwise waits for: by hand only its conditions count."""
    return replace(rule, trigger=Trigger(MANUAL))


class Judge:
    """The rules of one store at one moment, for the occurrences of one transaction."""

    def __init__(self, session: Session, store_id: int, ruleset: int) -> None:
        key = (connection_of(session).engine, store_id)
        with _lock:
            self.rules = _rulesets.setdefault(key, RuleSet())
            # Another process' newer ruleset is never undone: it was committed before we read it.
            if self.rules.number < ruleset:
                _catch_up(session, store_id, self.rules, ruleset)
        self.ruleset = self.rules.number

    def judge(
        self,
        subject: str,
        trigger: str,
        snapshot: Mapping[str, Any],
        from_value: str | None,
        to_value: str | None,
        around: Circumstances | None = None,
    ) -> list[Outcome]:
        """What fires on this occurrence, and what could not be judged, in the order of the versions."""
        around = around or Circumstances()
        with _lock:
            index = self.rules.indexes.get((subject, trigger))
            broken = self.rules.broken.get((subject, trigger), {})
            if not index and not broken:
                return []
            custom = self.rules.custom.get(subject)
            read = partial(_facts, subject, snapshot, from_value, to_value, around, custom)
            errors = [Outcome(self.rules.live[id], error=why) for id, why in broken.items()]
            try:
                fired = index.fires(read(index.fields)) if index else []
                return [*(Outcome(self.rules.live[id]) for id in fired), *errors]
            except Exception:
                listening = [live for live in self.rules.live.values() if _listens(live, subject, trigger)]
        return _one_by_one(listening, read, custom)


def _facts(
    subject: str,
    snapshot: Mapping[str, Any],
    from_value: str | None,
    to_value: str | None,
    around: Circumstances,
    custom: Mapping[str, Field] | None,
    only: Collection[str],
) -> dict[str, Value | None]:
    return facts(
        subject,
        snapshot,
        from_value=from_value,
        to_value=to_value,
        only=only,
        now=around.now,
        working=around.working,
        previous=around.previous,
        custom=custom,
    )


def _one_by_one(
    listening: list[Live],
    read: Callable[[Collection[str]], Mapping[str, Value | None]],
    custom: Mapping[str, Field] | None,
) -> list[Outcome]:
    """The slow road, taken when a value cannot be read: only the rules that look at it are in error."""
    outcomes = []
    for live in sorted(listening, key=lambda one: one.version_id):
        try:
            if explain(live.rule, read(live.rule.fields), custom).fires:
                outcomes.append(Outcome(live))
        except Exception as error:
            outcomes.append(Outcome(live, error=str(error)))
    return outcomes


def _listens(live: Live, subject: str, trigger: str) -> bool:
    return live.rule.subject == subject and live.rule.trigger.key == trigger


def _catch_up(session: Session, store_id: int, rules: RuleSet, ruleset: int) -> None:
    """Patch the indexes with what began or ended after `rules.number`, up to `ruleset`."""
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
    """What the rules of the store may look at, and whether it has segments to keep."""
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
    gone = rules.live.pop(version_id, None)
    if gone:
        where = gone.rule.subject, gone.rule.trigger.key
        if rules.broken.get(where, {}).pop(version_id, None) is None:
            rules.indexes[where].remove(version_id)

"""Which automations fire on an occurrence. Before: receive. After: relay.

Every process keeps the indexes of a store in memory. The store's ruleset number, read inside
the transaction, says how far they are behind; only what changed since is patched.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.explain import explain
from automations.engine.index import RuleIndex
from automations.engine.rule import Rule, rule_from
from automations.engine.subjects import facts
from automations.models.automation import Listening, Version
from automations.models.driver import connection_of


@dataclass(frozen=True, slots=True)
class Live:
    """A version that is listening: its rule, and the kinds of its actions in order."""

    version_id: int
    automation_id: int
    rule: Rule
    kinds: tuple[str, ...]


@dataclass(slots=True)
class RuleSet:
    """All that listens in one store, as of one ruleset number."""

    number: int = 0
    indexes: dict[tuple[str, str], RuleIndex] = field(default_factory=dict)
    live: dict[int, Live] = field(default_factory=dict)


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
    ) -> list[Outcome]:
        """What fires on this occurrence, and what could not be judged, in the order of the versions."""
        with _lock:
            index = self.rules.indexes.get((subject, trigger))
            if not index:
                return []
            try:
                known = facts(subject, snapshot, from_value=from_value, to_value=to_value, only=index.fields)
                return [Outcome(self.rules.live[id]) for id in index.fires(known)]
            except Exception:
                listening = [live for live in self.rules.live.values() if _listens(live, subject, trigger)]
        return _one_by_one(listening, subject, snapshot, from_value, to_value)


def _one_by_one(
    listening: list[Live],
    subject: str,
    snapshot: Mapping[str, Any],
    from_value: str | None,
    to_value: str | None,
) -> list[Outcome]:
    """The slow road, taken when a value cannot be read: only the rules that look at it are in error."""
    outcomes = []
    for live in sorted(listening, key=lambda one: one.version_id):
        used = {condition.field for condition in live.rule.conditions} | {"change.from", "change.to"}
        try:
            known = facts(subject, snapshot, from_value=from_value, to_value=to_value, only=used)
            if explain(live.rule, known).fires:
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
    for version, begins, ends in spans.all():
        if begins <= ruleset < ends:
            _add(rules, version)
        else:
            _remove(rules, version.id)
    rules.number = ruleset


def _add(rules: RuleSet, version: Version) -> None:
    _remove(rules, version.id)
    rule = rule_from(version.id, version.definition)
    kinds = tuple(action["kind"] for action in version.definition["actions"])
    rules.live[version.id] = Live(version.id, version.automation_id, rule, kinds)
    rules.indexes.setdefault((rule.subject, rule.trigger.key), RuleIndex()).add(rule)


def _remove(rules: RuleSet, version_id: int) -> None:
    gone = rules.live.pop(version_id, None)
    if gone:
        rules.indexes[gone.rule.subject, gone.rule.trigger.key].remove(version_id)

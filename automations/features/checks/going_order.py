"""Automations on one trigger whose order matters: one changes a field that the other changes or shows."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import text_of
from automations.actions.shared.changeable_fields import targets_of
from automations.engine.checks.proofs import Proof
from automations.engine.rules.rule import Rule, rule_from
from automations.engine.rules.typed_rule import BrokenRule
from automations.features.checks.check import Check, CheckPiece, sentence
from automations.features.checks.others import Other
from automations.features.checks.overlap import LISTED, NAMED, links, record_ids, witnesses
from automations.features.past.asking import matches
from automations.features.past.period import Period
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store

Data = Mapping[str, Any]
#: A field of a record: "order" or "customer", and its name as texts write it.
FieldName = tuple[str, str]

_TAG = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_QUOTED = re.compile(r"\"[^\"]*\"|'[^']*'")
_NAMED = re.compile(r"\b(\w+)\.(?:custom\.)?(\w+)")


@dataclass(frozen=True)
class _Written:
    """A change that an automation makes at once: what it writes, and how people call the field."""

    value: str
    label: str
    #: Whether it replaces what was there.
    replaces: bool


def order_that_matters(
    session: Session,
    store: Store,
    words: StoreWords,
    rule: Rule,
    data: Data,
    position: int,
    others: Sequence[Other],
    period: Period,
) -> Iterator[Check]:
    """Yield a warning for each live automation that goes by the same trigger and touches what this touches.

    Only if both fired on the same occurrence in the past, or by proof would.
    """
    for other in others:
        clash = _clash(words, rule.subject, data, other, position < other.position)
        if not clash or (other.data["subject"], other.data["trigger"]["key"]) != (
            rule.subject,
            rule.trigger.key,
        ):
            continue
        theirs = rule_from(other.automation_id, other.data)
        try:
            both = matches(session, store, rule, period) & matches(session, store, theirs, period)
            ids = record_ids(both)
            named = links(session, rule.subject, ids[:LISTED])
            if named:
                more = max(0, len(ids) - NAMED)
                yield Check("order", "warn", clash, witnesses(named, len(ids)), named[NAMED:], more)
            elif _by_proof(words, rule, theirs):
                proof = "One of the two fires whenever the other does."
                yield Check("order", "warn", clash, sentence(proof))
        except BrokenRule:
            continue


def _by_proof(words: StoreWords, rule: Rule, theirs: Rule) -> bool:
    if rule.trigger.schedule != theirs.trigger.schedule:
        return False
    own, other = (Proof(one, words.custom_ever(one.subject)) for one in (rule, theirs))
    if own.never() or other.never():
        return False
    return own.implies(other) or other.implies(own)


def _clash(
    words: StoreWords, subject: str, data: Data, other: Other, first: bool
) -> tuple[CheckPiece, ...] | None:
    """Return why the order matters, if it does; `first` says that the draft goes first."""
    own, theirs = _written(words, subject, data), _written(words, subject, other.data)
    its_place = "after" if first else "before"
    said = ""
    if shown := own.keys() & _shown(other.data):
        label, when = own[min(shown)].label, "already" if first else "not yet"
        said = f"shows the {label}, which this changes; it goes {its_place} this, so "
        said += f"it {when} shows the new value"
    if shown := theirs.keys() & _shown(data):
        label, when = theirs[min(shown)].label, "not yet" if first else "already"
        said = f"changes the {label}, which this shows; it goes {its_place} this, so "
        said += f"this {when} shows the new value"
    for field in sorted(own.keys() & theirs.keys()):
        mine, its = own[field], theirs[field]
        if mine.replaces and its.replaces and mine.value != its.value:
            last = "its value stays" if first else "this one’s value stays"
            said = f"sets the {mine.label} too, to another value; it goes {its_place} this, so {last}"
    return sentence(CheckPiece("Order matters: ", strong=True), other.link, f" {said}.") if said else None


def _written(words: StoreWords, subject: str, data: Data) -> dict[FieldName, _Written]:
    targets = targets_of(subject, words.custom_ever(subject))
    written: dict[FieldName, _Written] = {}
    for action in _at_once(data):
        settings = action.get("settings") or {}
        target = targets.get(text_of(settings, "field"))
        if action.get("kind") == "change_data" and target:
            record = "customer" if target.record == "customer" else subject
            label = target.label.removeprefix("Customer: ")
            name = target.own.path[-1] if target.own else target.column
            value = text_of(settings, "value").strip()
            written[record, name] = _Written(value, label[:1].lower() + label[1:], target.operation == "set")
    return written


def _shown(data: Data) -> set[FieldName]:
    """Return the fields that the texts of its actions show."""
    shown: set[FieldName] = set()
    for action in _at_once(data):
        kind = ACTIONS.get(str(action.get("kind")))
        for _, text in kind.texts(action.get("settings") or {}) if kind else ():
            for tag in _TAG.findall(text):
                shown |= set(_NAMED.findall(_QUOTED.sub("", tag)))
    return shown


def _at_once(data: Data) -> Iterator[Data]:
    """Yield the actions that do not wait: only those go in the order of the list."""
    yield from (action for action in data.get("actions") or () if not action.get("timing"))

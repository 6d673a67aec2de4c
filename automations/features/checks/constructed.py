"""A record made up to meet all conditions of a rule: value by value, and as a snapshot to try."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from automations.engine.checks.field_values import OTHER
from automations.engine.checks.proof_search import Facts, ProofAnswer
from automations.engine.checks.proofs import Proof
from automations.engine.fields.subject import NOW, Field, Subject
from automations.engine.operators.value_types import Lines, Value
from automations.engine.rules.rule import Rule
from automations.engine.wording.value_phrases import value_words
from automations.features.trial.trial_records import SAMPLES, Snapshot, sample_snapshot
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.records.snapshots import instant

#: The most lines that are written out.
MOST_LINES = 5


@dataclass(frozen=True)
class Constructed:
    """One record that a rule would fire for: its facts, and what they are called."""

    subject: Subject
    facts: Facts
    #: (label, value) of each fact that the conditions look at, in words.
    values: Sequence[tuple[str, str]]
    #: The field whose change sets the rule off, if it names one.
    changed: str | None

    @property
    def can_be_tried(self) -> bool:
        """Whether a record alone tells it all: nothing that depends on the time, or on another change."""
        known = [key for key, value in self.facts.items() if value is not None]
        return self.subject.key in SAMPLES and not any(
            key.startswith(NOW) or (key.endswith(("@from", "@to")) and key.partition("@")[0] != self.changed)
            for key in known
        )

    def snapshot(self, store: Store) -> Snapshot:
        """Return it as a record of the store; what no condition looks at is taken from a sample."""
        made: Snapshot = sample_snapshot(store, self.subject.key, SAMPLES[self.subject.key][0].key) or {}
        for key, field in self.subject.fields.items():
            if key in self.facts and not key.startswith(NOW):
                _put(made, field.path, _plain(field, self.facts[key]))
        columns = {key: self.facts[key] for key in self.subject.line_fields if key in self.facts}
        if columns:
            made["lines"] = [
                {"sku": "", "name": "Another product", "category": "", "quantity": 1, "unit_price": "0.00"}
                | {field.path[-1]: _plain(field, value) for field, value in line if value is not None}
                for line in _lines(self.subject, columns)
            ]
        return made


def constructed(words: StoreWords, store: Store, rule: Rule, now: dt.datetime) -> Constructed | None:
    """Return a record that the rule would fire for, if one can be constructed."""
    custom = words.custom_ever(rule.subject)
    proof = Proof(rule, custom, now.astimezone(ZoneInfo(store.timezone)).date())
    facts = proof.example()
    if isinstance(facts, ProofAnswer):
        return None
    subject = words.subject(rule.subject).with_custom(custom)
    facts = _with_real_choices(words, subject, proof, facts)
    values = tuple(_in_words(words, subject, proof, facts))
    kind = subject.triggers.get(rule.trigger.key)
    return Constructed(subject, facts, values, kind.changed_field(rule.trigger.field) if kind else None)


def _with_real_choices(words: StoreWords, subject: Subject, proof: Proof, facts: Facts) -> Facts:
    """Return the facts with a choice of the store wherever any other value will do."""
    for key, value in list(facts.items()):
        field = subject.fields.get(key)
        if field is None or not field.choices or not str(value).startswith(OTHER):
            continue
        for choice in words.choices(field.choices):
            tried = proof.spelled_out(facts | {key: choice})
            if proof.fires_on(tried):
                facts = tried
                break
    return facts


def _in_words(words: StoreWords, subject: Subject, proof: Proof, facts: Facts) -> Iterator[tuple[str, str]]:
    asked = proof.rule.fields
    for key, field in subject.fields.items():
        if key in facts and (facts[key] is not None or key in asked):
            yield field.label, value_words(field, facts[key], words)
        before, after = facts.get(f"{key}@from"), facts.get(f"{key}@to")
        if before is not None:
            yield f"{field.label} before", value_words(field, before, words)
        if after is not None and key not in facts:
            yield field.label, value_words(field, after, words)
    columns = {key: facts[key] for key in subject.line_fields if key in facts}
    for number, line in enumerate(_lines(subject, columns)[:MOST_LINES], start=1):
        said = [f"{field.label.lower()} {value_words(field, value, words)}" for field, value in line]
        yield f"Item {number}", ", ".join(said)


def _lines(subject: Subject, columns: Mapping[str, Value | None]) -> list[list[tuple[Field, Value | None]]]:
    fields = [subject.line_fields[key] for key in columns]
    values = [column if isinstance(column, Lines) else () for column in columns.values()]
    return [list(zip(fields, row, strict=True)) for row in zip(*values, strict=True)]


def _put(snapshot: dict[str, Any], path: Sequence[str], value: Any) -> None:
    for step in path[:-1]:
        inner = snapshot.get(step)
        snapshot[step] = dict(inner) if isinstance(inner, Mapping) else {}
        snapshot = snapshot[step]
    snapshot[path[-1]] = value


def _plain(field: Field, value: Value | None) -> Any:
    if isinstance(value, frozenset):
        return sorted(value)
    if isinstance(value, Decimal):
        return str(value) if field.type == "money" or value % 1 else int(value)
    if isinstance(value, dt.datetime):
        return instant(value)
    if isinstance(value, dt.date):
        return value.isoformat()
    return value == "yes" if field.type == "bool" and value is not None else value

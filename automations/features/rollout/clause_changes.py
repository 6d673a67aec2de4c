"""What a draft changes against a version, clause by clause, with the words that differ."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Any

from automations.actions import ACTIONS
from automations.actions.shared import message_languages
from automations.engine.fields.subject import Subject
from automations.engine.wording.condition_phrases import node_parts
from automations.engine.wording.sentence_parts import text_of
from automations.engine.wording.trigger_phrase import when_parts
from automations.features.authoring.drafts import action_phrase
from automations.features.authoring.timing_phrases import caps_words
from automations.features.authoring.version_history import ADDED, REMOVED, Piece, difference
from automations.models.settings.choices import StoreWords

CHANGED, MOVED = "changed", "moved"
#: A text that is longer, or has lines, is compared in a block of its own.
LONGEST_INLINE = 60
#: How the values of a setting are said.
_SAID: Mapping[tuple[str, str], str] = {("order_pdf", ""): "no", ("order_pdf", "pdf"): "as a PDF"}


@dataclass(frozen=True)
class ClauseChange:
    """One clause that differs: changed, added, removed or moved. `text` compares a text it carries."""

    kind: str
    clause: Sequence[Piece]
    text: Sequence[Piece] = ()


@dataclass(frozen=True)
class _Clause:
    """One clause in words; two clauses with one `about` are the same clause changed, not two others."""

    about: str
    words: str
    data: Any


def clause_changes(
    words: StoreWords, before: Mapping[str, Any], after: Mapping[str, Any]
) -> list[ClauseChange]:
    """Return the differences between two complete rules, in the order of the sentence."""
    old, new = words.subject(before["subject"]), words.subject(after["subject"])
    changes = [*_in_one(_trigger(before, old, words), _trigger(after, new, words))]
    changes += _in_list(_conditions(before, old, words), _conditions(after, new, words), "conditions")
    changes += _in_list(_actions(before, old, words), _actions(after, new, words), "actions", _settings)
    formats = words.formats
    caps = [caps_words(data["subject"], data.get("caps"), formats).strip() for data in (before, after)]
    return [*changes, *_in_one(*caps)]


def _trigger(data: Mapping[str, Any], subject: Subject, words: StoreWords) -> str:
    return text_of(when_parts(subject, data["trigger"], words))


def _conditions(data: Mapping[str, Any], subject: Subject, words: StoreWords) -> list[_Clause]:
    return [
        _Clause(
            str(node.get("field") or f"{node.get('match')} {node.get('lines')}"),
            text_of(node_parts(subject, node, words)),
            node,
        )
        for node in data["conditions"]
    ]


def _actions(data: Mapping[str, Any], subject: Subject, words: StoreWords) -> list[_Clause]:
    return [
        _Clause(action["kind"], action_phrase(action, subject, words), action) for action in data["actions"]
    ]


def _in_one(before: str, after: str) -> Iterator[ClauseChange]:
    if before == after:
        return
    if not before or not after:
        yield ClauseChange(ADDED if after else REMOVED, [(ADDED, after) if after else (REMOVED, before)])
    else:
        yield ClauseChange(CHANGED, difference(before, after))


def _nothing_more(before: _Clause, after: _Clause) -> Iterator[ClauseChange]:
    return iter(())


def _in_list(
    before: Sequence[_Clause],
    after: Sequence[_Clause],
    name: str,
    within: Callable[[_Clause, _Clause], Iterator[ClauseChange]] = _nothing_more,
) -> list[ClauseChange]:
    pairs = _paired(before, after)
    changes: list[ClauseChange] = []
    for place, clause in enumerate(after):
        if place not in pairs:
            changes.append(ClauseChange(ADDED, [(ADDED, clause.words)]))
            continue
        old = before[pairs[place]]
        changes += [*_in_one(old.words, clause.words), *within(old, clause)]
    gone = [clause for place, clause in enumerate(before) if place not in pairs.values()]
    changes += [ClauseChange(REMOVED, [(REMOVED, clause.words)]) for clause in gone]
    order = [pairs[place] for place in sorted(pairs)]
    if order != sorted(order):
        changes.append(ClauseChange(MOVED, [("same", f"the order of the {name}")]))
    return changes


def _paired(before: Sequence[_Clause], after: Sequence[_Clause]) -> dict[int, int]:
    """Return by the place of a clause the place of the one it was: the most alike first."""
    pairs: dict[int, int] = {}
    left = list(range(len(before)))
    for same in (lambda one, two: one.data == two.data, _same_words, lambda one, two: one.about == two.about):
        for place, clause in enumerate(after):
            match = next((old for old in left if place not in pairs and same(before[old], clause)), None)
            if match is not None:
                pairs[place] = match
                left.remove(match)
    return pairs


def _same_words(one: _Clause, two: _Clause) -> bool:
    return one.words == two.words and one.about == two.about


def _settings(before: _Clause, after: _Clause) -> Iterator[ClauseChange]:
    """Yield what differs in the settings of an action and its words do not say."""
    kind = ACTIONS.get(str(after.data["kind"]))
    if kind is None:
        return
    labels = {field.short_name: field.label.text.lower() for field in kind.Form()}
    old, labels = message_languages.flat(before.data.get("settings") or {}, labels)
    new, labels = message_languages.flat(after.data.get("settings") or {}, labels)
    if before.words != after.words:
        # Everything else may be what the words say already.
        labels = {
            name: label
            for name, label in labels.items()
            if name.partition("@")[0] in (*kind.Form.template_fields, *kind.Form.optional)
        }
    for name in dict.fromkeys(chain(labels, old, new)):
        one, two = _text(old.get(name)), _text(new.get(name))
        if one == two or name not in labels:
            continue
        # Their labels are no nouns: “copy to”, “attach the order”.
        quoted = name in kind.Form.optional
        clause = f"{f'“{labels[name]}”' if quoted else f'the {labels[name]}'} of “{kind.label.lower()}”"
        one, two = (_SAID.get((name, text), text) for text in (one, two))
        if "\n" in one + two or max(len(one), len(two)) > LONGEST_INLINE:
            yield ClauseChange(CHANGED, [("same", clause)], difference(one, two))
        else:
            yield ClauseChange(CHANGED, [("same", f"{clause}: "), *difference(one, two)])


def _text(value: object) -> str:
    return value if isinstance(value, str) else "" if value is None else str(value)

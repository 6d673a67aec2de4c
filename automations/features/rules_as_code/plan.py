"""What applying files to a store would change: made without changing anything, and identified by a hash.

A plan is applied whole or not at all. Automations that no file names are left alone.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared import message_languages
from automations.engine.wording.wording import text_of as words_of
from automations.features.authoring import drafts, publish
from automations.features.authoring.contradiction import contradictions
from automations.features.authoring.shadow_mode import shadow_of
from automations.features.authoring.version_history import Piece, difference
from automations.features.examples.checking import broken
from automations.features.rules_as_code.export import is_on, shown, text_of
from automations.features.rules_as_code.file_words import place_words, unread
from automations.features.rules_as_code.naming import ToIds, renamed
from automations.features.rules_as_code.rule_file import RuleFile
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.store import Store
from automations.pipeline.evaluation.automation_order import LONGEST_GROUP

NEW, CHANGED, SAME = "new", "changed", "same"


@dataclass(frozen=True)
class TextChange:
    """A text of an action that changes: "Send email: message", and the words of both."""

    label: str
    pieces: Sequence[Piece]


@dataclass(frozen=True)
class PlanStep:
    """What one file changes: `kind` is new, changed or same; nothing is applied while it has `problems`."""

    file: str
    name: str
    kind: str
    #: Rule data with the ids of the store.
    data: Mapping[str, Any]
    group: str
    live: bool
    #: What becomes of it beside the rule: "is published as version 3", "is switched off".
    consequences: tuple[str, ...]
    sentence: Sequence[Piece]
    texts: tuple[TextChange, ...]
    problems: tuple[str, ...]
    #: Whether the rule itself changes, so that it has to be saved.
    changes_rule: bool
    #: Pinned examples that would break; applying needs a reason then.
    breaks: tuple[str, ...]
    automation_id: int | None = None
    revision: int = 0


@dataclass(frozen=True)
class Plan:
    """All steps, by file, and the names of the automations that no file names."""

    steps: tuple[PlanStep, ...]
    left_alone: tuple[str, ...]
    fingerprint: str

    @property
    def ready(self) -> bool:
        """Whether it can be applied: there is something to do, and nothing is in the way."""
        return self.changes > 0 and not any(step.problems for step in self.steps)

    @property
    def breaks(self) -> bool:
        """Whether pinned examples would break, so that a reason is needed."""
        return any(step.breaks for step in self.steps)

    @property
    def changes(self) -> int:
        """The number of automations that change."""
        return sum(step.kind != SAME for step in self.steps)


def plan_of(session: Session, store: Store, files: Sequence[RuleFile]) -> Plan:
    """Return what applying the files would change in the store."""
    words = StoreWords(session, store)
    named = {one.name: one for one in session.scalars(_named(store, [file.name for file in files]))}
    twice = {name for name, count in Counter(file.name for file in files).items() if count > 1}
    steps = tuple(
        _step(session, store, words, file, named.get(file.name), file.name in twice)
        for file in sorted(files, key=lambda file: file.file)
    )
    names = sa.select(Automation.name).where(
        Automation.store_id == store.id, Automation.archived_at.is_(None)
    )
    others = session.scalars(names.order_by(Automation.name)).all()
    left = tuple(name for name in others if name not in {file.name for file in files})
    return Plan(steps, left, _fingerprint(store, steps, named))


def _named(store: Store, names: Sequence[str]) -> sa.Select[Automation]:
    return sa.select(Automation).where(Automation.store_id == store.id, Automation.name.in_(names))


def _step(
    session: Session,
    store: Store,
    words: StoreWords,
    file: RuleFile,
    automation: Automation | None,
    is_twice: bool,
) -> PlanStep:
    naming = ToIds(session, store, words)
    data = renamed(file.data, naming, words.custom(str(file.data.get("subject"))))
    naming.own_fields_and_secrets(data)
    problems = list(naming.lacks)
    if is_twice:
        problems.append(f"Another file has the name “{file.name}” too; each automation has one file.")
    sentence, texts, changed = _differences(session, words, file, data, automation)
    problems += _problems(session, store, words, file, data, automation, bool(naming.lacks), changed)
    number = publish.next_number(session, automation) if automation else 1
    shadow = shadow_of(session, automation) if automation else None
    shadowed = shadow.version.number if shadow else None
    consequences = tuple(_consequences(file, automation, changed, number, shadowed))
    kind = NEW if automation is None else CHANGED if changed or consequences else SAME
    where = (automation.id, automation.revision) if automation else (None, 0)
    wrong = () if kind == SAME else tuple(problems)
    asks = automation is not None and changed and file.live and not wrong
    breaks = tuple(one.short for one in broken(session, automation, data)) if automation and asks else ()
    said = (sentence, texts, wrong, changed, breaks)
    return PlanStep(file.file, file.name, kind, data, file.group, file.live, consequences, *said, *where)


def _problems(
    session: Session,
    store: Store,
    words: StoreWords,
    file: RuleFile,
    data: Mapping[str, Any],
    automation: Automation | None,
    lacks: bool,
    changed: bool,
) -> Iterator[str]:
    wrong = drafts.name_problem(session, store, file.name, automation.id if automation else None)
    if wrong:
        yield wrong.sentence
    if automation and automation.archived_at:
        yield f"“{file.name}” is archived. Restore it first."
    elif automation and is_on(automation) and publish.has_unpublished_changes(automation):
        who = automation.editor.name if automation.editor else "Someone"
        yield f"{who} has changes here that are not published. Publish them or restore the version first."
    if automation is None and (twin := _twin(session, store, file.name)):
        yield f"There is “{twin}” already; write its name exactly so, or choose one that differs by more."
    if len(file.group) > LONGEST_GROUP:
        yield f"Shorten the group to {LONGEST_GROUP} characters; it has {len(file.group)}."
    yield from unread(file.data)
    if file.live and not lacks:
        problems = drafts.problems(words, data)
        if changed or automation is None or publish.has_unpublished_changes(automation):
            # What is on as it is stays on, even if it can never fire.
            problems = problems or contradictions(words, store, data, dt.datetime.now(dt.UTC))
        for problem in problems:
            where = place_words(problem.path)
            yield f"{where}: {problem.sentence}" if where else problem.sentence


def _twin(session: Session, store: Store, name: str) -> str | None:
    """Return the name of an automation that differs in upper and lower case only."""
    names = session.scalars(sa.select(Automation.name).where(Automation.store_id == store.id))
    return next((other for other in names if other.casefold() == name.casefold()), None)


def _differences(
    session: Session,
    words: StoreWords,
    file: RuleFile,
    data: Mapping[str, Any],
    automation: Automation | None,
) -> tuple[Sequence[Piece], tuple[TextChange, ...], bool]:
    """Return the sentence with its changed words, the texts that change, and whether anything does."""
    after = _sentence(words, data)
    if automation is None:
        return [("added", after)], (), True
    before = shown(automation)
    on = is_on(automation)
    as_it_is = text_of(session, words, file.name, file.group, on, before)
    changed = as_it_is != text_of(session, words, file.name, file.group, on, data)
    texts = tuple(_changed_texts(before, data)) if changed else ()
    return difference(_sentence(words, before), after), texts, changed


def _sentence(words: StoreWords, data: Mapping[str, Any]) -> str:
    try:
        return words_of(drafts.in_words(words, data))
    except (AttributeError, KeyError, TypeError, ValueError):
        # A file may hold anything; what is wrong with it is among the problems.
        return "…"


def _changed_texts(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[TextChange]:
    """Yield the settings that change in actions that stay what they are."""
    for old, new in zip(before["actions"], _listed(after.get("actions")), strict=False):
        kind = ACTIONS.get(str(old.get("kind")))
        if kind is None or not isinstance(new, dict) or old.get("kind") != new.get("kind"):
            continue
        was, becomes = old.get("settings") or {}, _mapping(new.get("settings"))
        labels = {
            field.short_name: f"{field.label.text[:1].lower()}{field.label.text[1:]}" for field in kind.Form()
        }
        was, labels = message_languages.flat(was, labels)
        becomes, labels = message_languages.flat(becomes, labels)
        for name, label in labels.items():
            said = str(was.get(name) or ""), str(becomes.get(name) or "")
            if said[0] != said[1]:
                yield TextChange(f"{kind.label}: {label}", difference(*said))


def _consequences(
    file: RuleFile, automation: Automation | None, changed: bool, number: int, shadowed: int | None
) -> Iterator[str]:
    """Yield what becomes of it: `number` is its next version, `shadowed` the one in shadow mode."""
    on = automation is not None and is_on(automation)
    unpublished = automation is None or (not on and publish.has_unpublished_changes(automation))
    if file.live and (changed or unpublished):
        yield f"is published as version {number}"
        if shadowed is not None:
            yield f"ends shadow mode of version {shadowed}"
    elif file.live and not on:
        yield "is switched on"
    elif changed:
        yield "is saved as a draft"
    if on and not file.live:
        yield "is switched off"
    if automation is None:
        if not file.live:
            yield "stays off"
    elif file.group != automation.group_name:
        yield f"moves to the group “{file.group}”" if file.group else "leaves its group"


def _fingerprint(store: Store, steps: Sequence[PlanStep], named: Mapping[str, Automation]) -> str:
    """Return a short hash of the store, the files, and of every automation they name as it is now."""
    present = [
        [one.id, one.name, one.revision, one.active_version_id, one.archived_at is None]
        for _, one in sorted(named.items())
    ]
    said = [
        (
            *(step.file, step.name, step.kind, step.group, step.live),
            *(step.data, step.consequences, step.problems, step.breaks),
        )
        for step in steps
    ]
    content = msgspec.json.encode([store.id, present, said], order="deterministic")
    return hashlib.sha256(content).hexdigest()[:16]


def _listed(value: object) -> list[Any]:
    return value if isinstance(value, list) else []


def _mapping(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}

"""Editing the choice lists of a store. A key never changes, so rules, drafts and the log stay valid."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.wording.name_problems import name_problem
from automations.features.authoring.choice_uses import Uses, uses_of
from automations.models.access import audit, undo_steps
from automations.models.access.undo_steps import CannotUndo
from automations.models.settings.choices import LIST_LABELS, key_of
from automations.models.tables.people import User
from automations.models.tables.store import Choice, Store, locked
from automations.models.tables.undo_step import UndoStep

KIND, RENAMED, ADDED, MOVED = "choice removal", "choice name", "choice addition", "choice place"
LONGEST_LABEL = 60
MOST_CHOICES = 100


class ChoiceRefused(ValueError):
    """`str(error)` is a sentence for the user; `uses` names what uses the entry, if that is the reason."""

    def __init__(self, sentence: str, uses: Uses | None = None) -> None:
        super().__init__(sentence)
        self.uses = uses or Uses()


def entries(session: Session, store_id: int, list_key: str) -> list[Choice]:
    """Return the entries of a list in order."""
    query = sa.select(Choice).where(Choice.store_id == store_id, Choice.list_key == list_key)
    return list(session.scalars(query.order_by(Choice.position, Choice.id)))


def add(session: Session, store: Store, user: User, list_key: str, label: str) -> tuple[Choice, UndoStep]:
    """Add an entry at the end of a list, inside write(); return it and what takes it back.

    Raises ChoiceRefused.
    """
    _begin_change(session, store)
    choices = entries(session, store.id, list_key)
    label = _free_label(label, choices)
    if len(choices) >= MOST_CHOICES:
        raise ChoiceRefused(f"A list has at most {MOST_CHOICES} entries.")
    choice = Choice(
        store_id=store.id,
        list_key=list_key,
        key=_free_key(label, choices),
        label=label,
        position=max((entry.position for entry in choices), default=-1) + 1,
        former_labels=[],
    )
    session.add(choice)
    session.flush()
    _note(session, user, choice, "added")
    step = undo_steps.remember(session, ADDED, user, store.id, choice.id, None, _names(choice))
    return choice, step


def take_out(session: Session, step: UndoStep, user: User) -> tuple[str, str]:
    """Remove an entry that was added, inside write(); return its list and its label. Raises CannotUndo."""
    locked(session, step.store_id).ruleset += 1
    choice = _unchanged(session, step)
    try:
        _check_removable(session, choice)
    except ChoiceRefused as error:
        raise CannotUndo(str(error)) from error
    _note(session, user, choice, "removed")
    session.delete(choice)
    return choice.list_key, choice.label


def rename(session: Session, store: Store, user: User, choice: Choice, label: str) -> UndoStep | None:
    """Give an entry a new label and keep its key, inside write(). Raises ChoiceRefused.

    Return what takes it back, None if it was called so already.
    """
    kept = locked(session, store.id)
    others = [entry for entry in entries(session, store.id, choice.list_key) if entry.id != choice.id]
    label, old = _free_label(label, others), choice.label
    if label == old:
        return None
    kept.ruleset += 1
    before = _names(choice)
    former = [name for name in choice.former_labels if name.casefold() != label.casefold()]
    choice.former_labels = [*former, old]
    choice.label = label
    _note(session, user, choice, "renamed", before=old, after=label)
    return undo_steps.remember(session, RENAMED, user, store.id, choice.id, before, _names(choice))


def name_back(session: Session, step: UndoStep, user: User) -> Choice:
    """Give an entry the name it had before it was renamed, inside write(). Raises CannotUndo."""
    locked(session, step.store_id).ruleset += 1
    choice = _unchanged(session, step)
    others = [entry for entry in entries(session, step.store_id, choice.list_key) if entry.id != choice.id]
    try:
        _free_label(step.before["label"], others)
    except ChoiceRefused as error:
        raise CannotUndo(str(error)) from error
    was = choice.label
    choice.label, choice.former_labels = step.before["label"], list(step.before["former_labels"])
    _note(session, user, choice, "undid renaming", before=was, after=choice.label)
    return choice


def _unchanged(session: Session, step: UndoStep) -> Choice:
    """Return the entry of a step, named as the step left it. Raises CannotUndo."""
    choice = _still_there(session, step)
    if _names(choice) != step.after:
        raise CannotUndo(f"“{choice.label}” was renamed in the meantime, so nothing was undone.")
    return choice


def _still_there(session: Session, step: UndoStep) -> Choice:
    choice = session.get(Choice, step.about_id, populate_existing=True)
    if choice is None:
        raise CannotUndo("This entry is no longer there, so nothing was undone.")
    return choice


def _names(choice: Choice) -> dict[str, Any]:
    return {"label": choice.label, "former_labels": list(choice.former_labels)}


def move(session: Session, store: Store, user: User, choice: Choice, up: bool) -> UndoStep | None:
    """Move an entry one place up or down, inside write(); return what takes it back, None at the end."""
    _begin_change(session, store)
    choices = entries(session, store.id, choice.list_key)
    place = choices.index(choice)
    target = place - 1 if up else place + 1
    if not 0 <= target < len(choices):
        return None
    before = [entry.id for entry in choices]
    choices[place], choices[target] = choices[target], choices[place]
    _order(choices)
    _note(session, user, choice, "moved up" if up else "moved down")
    after = [entry.id for entry in choices]
    sides = {"order": before, "up": up}, {"order": after}
    return undo_steps.remember(session, MOVED, user, store.id, choice.id, *sides)


def place_back(session: Session, step: UndoStep, user: User) -> Choice:
    """Put a moved entry back into its place, inside write(). Raises CannotUndo if others were moved since."""
    locked(session, step.store_id).ruleset += 1
    choice = _still_there(session, step)
    by_id = {entry.id: entry for entry in entries(session, step.store_id, choice.list_key)}
    then, now = ([id for id in side["order"] if id in by_id] for side in (step.before, step.after))
    if [id for id in by_id if id in then] != now:
        raise CannotUndo("The order was changed in the meantime, so nothing was undone.")
    # What was added since stays behind the others.
    _order([by_id[id] for id in [*then, *(id for id in by_id if id not in then)]])
    _note(session, user, choice, "moved down" if step.before["up"] else "moved up")
    return choice


def _order(choices: list[Choice]) -> None:
    for position, entry in enumerate(choices):
        entry.position = position


def remove(session: Session, store: Store, user: User, choice: Choice) -> UndoStep:
    """Remove an unused entry, inside write(); return what takes it back. Raises ChoiceRefused."""
    _begin_change(session, store)
    _check_removable(session, choice)
    _note(session, user, choice, "removed")
    step = undo_steps.remember(session, KIND, user, store.id, choice.id, undo_steps.row_data(choice))
    session.delete(choice)
    return step


def _check_removable(session: Session, choice: Choice) -> None:
    """Raise ChoiceRefused if something uses the entry, or if it is the only one."""
    uses = uses_of(session, choice)
    if uses:
        raise ChoiceRefused(f"“{choice.label}” is in use, so it stays. Change what uses it first.", uses)
    if len(entries(session, choice.store_id, choice.list_key)) == 1:
        raise ChoiceRefused("A list needs at least one entry.")


def put_back(session: Session, step: UndoStep, user: User) -> Choice:
    """Put a removed entry back in its place, inside write(). Raises CannotUndo."""
    locked(session, step.store_id).ruleset += 1
    choice = undo_steps.row_from(Choice, step.before)
    others = entries(session, step.store_id, choice.list_key)
    if choice.key in {other.key for other in others} or len(others) >= MOST_CHOICES:
        raise CannotUndo(f"The list was changed in the meantime and has no place for “{choice.label}”.")
    try:
        _free_label(choice.label, others)
    except ChoiceRefused as error:
        raise CannotUndo(str(error)) from error
    session.add(choice)
    _note(session, user, choice, "put back")
    return choice


def _begin_change(session: Session, store: Store) -> None:
    """Lock the store and increment its ruleset number: what was compiled from the lists is stale."""
    locked(session, store.id).ruleset += 1


def _free_label(label: str, others: list[Choice]) -> str:
    label = " ".join(label.split())
    if problem := name_problem(label, LONGEST_LABEL, "it"):
        raise ChoiceRefused(problem)
    for other in others:
        if label.casefold() == other.label.casefold():
            raise ChoiceRefused(f"There is a “{other.label}” in this list already. Choose another name.")
        other_names = {word.casefold() for word in (other.key, *other.former_labels)}
        if label.casefold() in other_names:
            raise ChoiceRefused(
                f"“{label}” is how tills and the API may still call “{other.label}”. Choose another name."
            )
    return label


def _free_key(label: str, entries_of_list: list[Choice]) -> str:
    taken = {entry.key for entry in entries_of_list}
    base = key = key_of(label)
    number = 2
    while key in taken:
        key, number = f"{base}_{number}", number + 1
    return key


def _note(
    session: Session,
    user: User,
    choice: Choice,
    action: str,
    before: str | None = None,
    after: str | None = None,
) -> None:
    # A renamed entry is told by the name it had then.
    named = choice.label if action == "undid renaming" else before or choice.label
    about = f"“{named}” in {LIST_LABELS[choice.list_key].lower()}"
    audit.note(
        session,
        action=action,
        about=about,
        store_id=choice.store_id,
        user_id=user.id,
        before=before,
        after=after,
    )

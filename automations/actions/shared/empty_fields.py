"""What becomes of an action if a field that its texts show is empty: it is done anyway, or skipped."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace

from automations.actions.shared import message_languages, skip_reasons
from automations.actions.shared.action_kind import Action, Prepared, Settings, Situation, Skipped
from automations.engine.fields.problem import lower
from automations.engine.fields.subject import CUSTOM
from automations.engine.rules.rule import Problem
from automations.messages.message_fields import Own, known
from automations.messages.render import Holes
from automations.messages.value_shapes import GroupShape, ListOf, Shape

#: Key beside the kind and the settings of an action; without it the action is done anyway.
KEY = "when_empty"
SKIP = "skip"
CHOICES: Mapping[str, str] = {"": "do it anyway", SKIP: "skip it, and say so in the log"}


def may_skip(kind: Action) -> bool:
    """Whether the kind has texts in which a field can be empty."""
    return bool(kind.Form.template_fields)


def is_skipped(action: Mapping[str, object]) -> bool:
    """Whether the action, as a draft or a version holds it, is skipped if a field it shows is empty."""
    return action.get(KEY) == SKIP


def problems(action: Mapping[str, object]) -> Iterator[Problem]:
    """Yield the problem with the choice of an action, of any type."""
    if action.get(KEY, "") not in CHOICES:
        yield Problem(KEY, "Choose what happens if a field in it is empty: do it anyway, or skip it.")


def prepare(
    kind: Action, settings: Settings, situation: Situation, skip: bool, filled: Collection[str] = ()
) -> tuple[list[Prepared], tuple[str, ...]]:
    """Return what `kind` prepares, and the labels of the fields that its texts show and that are empty.

    Fields named in `filled` do not count: an earlier action gives them a value. With `skip` an empty field
    raises Skipped. Raises Skipped.
    """
    holes: Holes = set()
    prepared = message_languages.prepare(kind, settings, replace(situation, holes=holes))
    empty = {path for path in holes if path[-1] not in filled}
    labels = labels_of(empty, situation.subject, situation.custom)
    if labels and skip:
        raise Skipped(skip_reasons.fields_empty(labels))
    return prepared, labels


def labels_of(paths: Holes, subject_key: str, own: Own) -> tuple[str, ...]:
    """Return the fields as people call them, sorted: "note", "customer’s first name", "SKU of a line"."""
    return tuple(sorted({_label(path, subject_key, own) for path in paths}))


def _label(path: tuple[str, ...], subject_key: str, own: Own) -> str:
    groups = known(subject_key, own)
    name, *steps = path
    shape: Shape | None = groups.get(name)
    for step in steps:
        shape = shape.fields.get(step) if isinstance(shape, GroupShape) else None
    if shape is None or not steps:
        return _label_of_item(path, groups)
    if CUSTOM.rstrip(".") in steps:
        # A store calls its fields what it likes: without quotation marks "For" would not read as a name.
        return f"“{shape.label}”"
    return (
        lower(shape.label) if name == subject_key else f"{lower(groups[name].label)}’s {lower(shape.label)}"
    )


def _label_of_item(path: tuple[str, ...], groups: Mapping[str, GroupShape]) -> str:
    lists = [
        shape for group in groups.values() for shape in group.fields.values() if isinstance(shape, ListOf)
    ]
    for listed in lists:
        item = listed.item
        if path[0] == listed.each and isinstance(item, GroupShape) and path[-1] in item.fields:
            return f"{lower(item.fields[path[-1]].label)} of a {listed.each}"
    return ".".join(path)

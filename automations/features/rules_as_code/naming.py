"""Names instead of ids in rule data, and back: choices, accounts, stores, segments, and people."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared.recipients import is_person
from automations.actions.shared.request_parts import secrets_in
from automations.engine.fields.problem import text
from automations.engine.fields.subject import Field, Subject
from automations.engine.fields.subjects import SUBJECTS
from automations.engine.rules.condition_tree import conditions_in
from automations.models.settings.choices import LIST_LABELS, StoreWords
from automations.models.tables.customer import Account
from automations.models.tables.people import Membership, User
from automations.models.tables.secret import secret_names
from automations.models.tables.segment import Segment
from automations.models.tables.store import Store

_PERSON = "user:"


class Naming(Protocol):
    """One direction: what stands for a value of a list, for another record, and for a person."""

    def choice(self, list_key: str, value: str) -> str: ...

    def reference(self, kind: str, value: str) -> str: ...

    def person(self, value: str) -> str: ...


class ToNames:
    """From the ids of a store to names."""

    def __init__(self, session: Session, words: StoreWords) -> None:
        self._session, self._words = session, words

    def choice(self, list_key: str, value: str) -> str:
        return self._words.choice(list_key, value)

    def reference(self, kind: str, value: str) -> str:
        return self._words.reference(kind, value) if self._words.has_reference(kind, value) else value

    def person(self, value: str) -> str:
        if not is_person(value):
            return value
        email = self._session.scalar(sa.select(User.email).where(User.id == int(value[len(_PERSON) :][:18])))
        return f"{_PERSON}{email}" if email else value


class ToIds:
    """From names to the ids of a store. What the store lacks is named in `lacks`, and keeps its name."""

    def __init__(self, session: Session, store: Store, words: StoreWords) -> None:
        self._session, self._store, self._words = session, store, words
        #: Sentences, in the order in which they were met.
        self.lacks: list[str] = []

    def choice(self, list_key: str, value: str) -> str:
        key = self._words.key_for(list_key, value)
        if key is None:
            self._lacks(f"The list {LIST_LABELS[list_key]} has no entry “{value}”.")
        return value if key is None else key

    def reference(self, kind: str, value: str) -> str:
        ids = self._ids(kind, value)
        if len(ids) == 1:
            return str(ids[0])
        few = "no" if not ids else f"{len(ids)}"
        self._lacks(f"There {'are' if len(ids) > 1 else 'is'} {few} {kind}{'s' * (len(ids) > 1)} “{value}”.")
        return value

    def person(self, value: str) -> str:
        if not value.startswith(_PERSON) or "@" not in value:
            return value
        email = value.removeprefix(_PERSON)
        members = sa.select(User.id).join(Membership, Membership.user_id == User.id)
        known = members.where(Membership.store_id == self._store.id, User.email == email)
        id = self._session.scalar(known)
        if id is None:
            self._lacks(f"Nobody in the team of {self._store.name} has the address {email}.")
        return value if id is None else f"{_PERSON}{id}"

    def own_fields_and_secrets(self, data: Mapping[str, Any]) -> None:
        """Note the store's own fields and the secrets that the rule data names and the store lacks."""
        subject = text(data.get("subject"))
        fields = {text(condition.get("field")) for _, condition in conditions_in(data)}
        for key in sorted(one for one in fields if one.startswith("custom.")):
            if key not in self._words.custom(subject):
                plural = SUBJECTS[subject].plural if subject in SUBJECTS else "Records"
                self._lacks(f"{plural} have no field of the store’s own “{key.removeprefix('custom.')}”.")
        known = set(secret_names(self._session, self._store.id))
        named = {name for one in _texts(data) for name in secrets_in(one)}
        for name in sorted((named | set(_signing(data))) - known):
            self._lacks(f"There is no secret “{name}”; an admin can set it under Settings.")

    def _ids(self, kind: str, name: str) -> list[int]:
        if kind == "store":
            return [self._store.id] if name == self._store.name else []
        table: type[Account | Segment] = Account if kind == "account" else Segment
        query = sa.select(table.id).where(table.store_id == self._store.id, table.name == name)
        return list(self._session.scalars(query))

    def _lacks(self, sentence: str) -> None:
        if sentence not in self.lacks:
            self.lacks.append(sentence)


def renamed(data: Mapping[str, Any], naming: Naming, custom: Mapping[str, Field]) -> dict[str, Any]:
    """Return rule data, complete or not, with every id or every name exchanged; `data` stays as it is."""
    changed: dict[str, Any] = copy.deepcopy(dict(data))
    subject = SUBJECTS.get(text(changed.get("subject")))
    if subject is None:
        return changed
    subject = subject.with_custom(custom)
    if isinstance(changed.get("trigger"), dict):
        _rename_trigger(changed["trigger"], subject, naming)
    for _, condition in conditions_in(changed):
        if isinstance(condition, dict):
            fields = {**subject.line_fields, **subject.fields}
            _exchange(condition, "value", _of_field(fields.get(text(condition.get("field"))), naming))
    actions = changed.get("actions")
    for action in actions if isinstance(actions, list) else ():
        _rename_people(action, naming)
    return changed


def _rename_trigger(trigger: dict[str, Any], subject: Subject, naming: Naming) -> None:
    kind = subject.triggers.get(text(trigger.get("key")))
    if kind is None:
        return
    field = subject.fields.get(text(trigger.get("field"))) if kind.needs_field else None
    list_key = field.choices if field else kind.choices
    for side in ("from", "to"):
        if kind.segment == side:
            _exchange(trigger, side, lambda value: naming.reference("segment", value))
        elif list_key:
            _exchange(trigger, side, lambda value: naming.choice(str(list_key), value))
    schedule = trigger.get("schedule")
    if not isinstance(schedule, dict):
        return
    _exchange(schedule, "segment", lambda value: naming.reference("segment", value))
    status = subject.fields.get(text(schedule.get("status_field")))
    _exchange(schedule, "status", _of_field(status, naming))


def _of_field(field: Field | None, naming: Naming) -> Callable[[str], str]:
    if field is not None and field.choices:
        return lambda value: naming.choice(str(field.choices), value)
    if field is not None and field.reference:
        return lambda value: naming.reference(str(field.reference), value)
    return lambda value: value


def _rename_people(action: object, naming: Naming) -> None:
    if not isinstance(action, dict) or not isinstance(action.get("settings"), dict):
        return
    kind = ACTIONS.get(text(action.get("kind")))
    for name in action["settings"]:
        if kind and name not in kind.Form.template_fields:
            _exchange(action["settings"], name, naming.person)


def _exchange(holder: dict[str, Any], key: str, exchange: Callable[[str], str]) -> None:
    value = holder.get(key)
    if isinstance(value, str) and value:
        holder[key] = exchange(value)
    elif isinstance(value, list):
        holder[key] = [exchange(one) if isinstance(one, str) and one else one for one in value]


def _settings(data: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    actions = data.get("actions")
    for action in actions if isinstance(actions, list) else ():
        if isinstance(action, Mapping) and isinstance(action.get("settings"), Mapping):
            yield action["settings"]


def _texts(data: Mapping[str, Any]) -> Iterator[str]:
    for settings in _settings(data):
        yield from (value for value in settings.values() if isinstance(value, str))


def _signing(data: Mapping[str, Any]) -> Iterator[str]:
    yield from (name for one in _settings(data) if (name := text(one.get("signed_with")).strip()))

"""Edits of a rule on the page; what they remove is sealed into the message that offers to put it back."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

from flask import current_app, g, request
from itsdangerous import BadData, URLSafeSerializer

from automations.models.settings.choices import StoreWords
from automations.web.builder.clip import removed_rows, taken_rows
from automations.web.builder.clip.removed_rows import GONE, CannotPutBack
from automations.web.builder.form_data import Submitted
from automations.web.builder.form_edits import apply_edit
from automations.web.builder.reconcile import refit

Data = dict[str, Any]
REMOVE, PUT_BACK = "remove-", "put-back-"
#: The hidden input of the message.
SEALED = "removed"


@dataclass(frozen=True, slots=True)
class Removed:
    """What a message says; with `sealed` it offers to put it back by the edit `edit`."""

    sentence: str
    edit: str = ""
    sealed: str = ""
    failed: bool = False


def edited(sent: Submitted, edit: str, kind: str, words: StoreWords) -> tuple[Data, str]:
    """Return the draft after an edit and the id to focus; what it removed goes to the page's messages."""
    if edit.startswith(PUT_BACK):
        data = refit(copy.deepcopy(sent.data), sent.shown, words)
        g.removed, focus = _put_back(data)
        return data, focus
    if edit.startswith(REMOVE):
        g.removed = _removed(refit(copy.deepcopy(sent.data), sent.shown, words), edit)
    return apply_edit(sent, edit, kind, words)


def _removed(before: Data, edit: str) -> Removed | None:
    kind, *numbers = edit.removeprefix(REMOVE).split("-")
    if not all(number.isdecimal() and len(number) < 4 for number in numbers):
        return None
    place = [int(number) for number in numbers]
    taken = taken_rows.take(before, kind, place)
    if taken is None:
        return None
    payload = {"store": g.store.id, "kind": kind, "place": place, "node": taken[1]}
    return Removed(taken[0], f"{PUT_BACK}{kind}-{'-'.join(numbers)}", str(_seal().dumps(payload)))


def _put_back(data: Data) -> tuple[Removed, str]:
    try:
        found = _seal().loads(request.form.get(SEALED, ""))
        if found["store"] != g.store.id:
            return Removed(GONE, failed=True), ""
        sentence, focus = removed_rows.put(data, found["kind"], found["place"], found["node"])
    except BadData:
        return Removed(GONE, failed=True), ""
    except CannotPutBack as problem:
        return Removed(str(problem), failed=True), ""
    return Removed(sentence), focus


def _seal() -> URLSafeSerializer:
    return URLSafeSerializer(str(current_app.secret_key), salt="removed from a rule")

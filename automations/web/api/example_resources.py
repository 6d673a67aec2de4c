"""The pinned examples of an automation as JSON: listed with what the saved draft answers, and pinned."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import sqlalchemy as sa
from flask import Response, g
from sqlalchemy.orm import Session

from automations.engine.rules.rule_check import Problem
from automations.features.examples import checking, pinning
from automations.features.examples.answering import Answer
from automations.features.examples.pinning import LONGEST_NOTE, NotPinned, Pin
from automations.features.trial.pin_trial import pin_trial
from automations.models.db.base import db, run_in_write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.example import Example
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.people import ApiKey, User
from automations.models.tables.store import Store
from automations.pipeline.intake.reading import IntakeRefused, RequestNotJson
from automations.pipeline.records.snapshots import instant
from automations.web.api import api_requests
from automations.web.api.api_blueprint import bp
from automations.web.api.problem_details import answer, refuse

NO_OCCURRENCE = "Is no entry of this store's log."
#: What a request to pin may hold, with the type of each value.
GIVEN: dict[str, type] = {"must_fire": bool, "occurrence_id": int, "record": str, "note": str}
#: What a request to change may hold.
CHANGED = ("must_fire", "note")
NO_EXAMPLE = "This automation has no such example."
_NEEDED = {"must_fire": "Needs true or false.", "occurrence_id": "Needs a whole number."}


@bp.get("/automations/<int:automation_id>/examples")
def examples_index(automation_id: int) -> Response:
    """Return every pinned example with the answer of the saved draft, the oldest first."""
    automation = api_requests.automation_or_404(automation_id)
    words = StoreWords(db.session(), g.store)
    asked = checking.ask(db.session(), words, automation, automation.draft)
    return answer({"items": [_plain(one) for one in asked.answers]})


@bp.post("/automations/<int:automation_id>/examples")
def examples_create(automation_id: int) -> Response:
    """Pin an entry of the log, or a record as it is, as one that must or must not fire."""
    automation_id, given = api_requests.automation_or_404(automation_id).id, api_requests.read(_given)
    by_key = _by_key()

    def work(session: Session) -> dict[str, Any]:
        automation = session.get_one(Automation, automation_id)
        store = session.get_one(Store, automation.store_id)
        words, note = StoreWords(session, store), " ".join(str(given.get("note", "")).split())
        pin = by_key(session, given["must_fire"], note)
        example = _pinned(session, store, words, automation, given, pin)
        answers = checking.ask(session, words, automation, automation.draft).answers
        return _plain(next(one for one in answers if one.example.id == example.id))

    try:
        return answer({"example": run_in_write(work)}, 201)
    except NotPinned as refusal:
        refuse(422, "Not accepted", str(refusal))


@bp.patch("/automations/<int:automation_id>/examples/<int:example_id>")
def examples_update(automation_id: int, example_id: int) -> Response:
    """Change what an example expects, or its note; what is not sent stays as it is."""
    example_id, given = _example_or_404(automation_id, example_id).id, api_requests.read(_change)

    def work(session: Session) -> dict[str, Any]:
        example, automation = session.get_one(Example, example_id), session.get_one(Automation, automation_id)
        words = StoreWords(session, session.get_one(Store, automation.store_id))
        note = " ".join(str(given.get("note", example.note)).split())
        pinning.expect(
            session, automation, example, by_key(session, given.get("must_fire", example.must_fire), note)
        )
        answers = checking.ask(session, words, automation, automation.draft).answers
        return _plain(next(one for one in answers if one.example.id == example_id))

    by_key = _by_key()
    return answer({"example": run_in_write(work)})


@bp.delete("/automations/<int:automation_id>/examples/<int:example_id>")
def examples_destroy(automation_id: int, example_id: int) -> Response:
    """Remove an example; it is not asked any more."""
    example_id, by_key = _example_or_404(automation_id, example_id).id, _by_key()

    def work(session: Session) -> None:
        example, automation = session.get_one(Example, example_id), session.get_one(Automation, automation_id)
        pinning.remove(session, automation, example, by_key(session, example.must_fire, example.note))

    run_in_write(work)
    return Response(status=204)


def _by_key() -> Callable[[Session, bool, str], Pin]:
    """Return what makes the expectation of the key that asks, which acts for the person who made it."""
    now, by, key_id = dt.datetime.now(dt.UTC), f"the API key “{g.api_key.name}”", g.api_key.key_id

    def pin(session: Session, must_fire: bool, note: str) -> Pin:
        user = session.get_one(User, session.get_one(ApiKey, key_id).created_by)
        return Pin(must_fire, user, now, note, by)

    return pin


def _example_or_404(automation_id: int, example_id: int) -> Example:
    api_requests.automation_or_404(automation_id)
    found = api_requests.of_store(Example, example_id)
    if found is None or found.automation_id != automation_id or found.removed_at:
        refuse(404, "Not found", NO_EXAMPLE)
    return found


def _pinned(
    session: Session, store: Store, words: StoreWords, automation: Automation, given: dict[str, Any], pin: Pin
) -> Example:
    if "record" in given:
        return pin_trial(session, store, words, automation, automation.draft, given["record"], pin)
    own = sa.and_(Occurrence.id == given["occurrence_id"], Occurrence.store_id == store.id)
    occurrence = session.scalars(sa.select(Occurrence).where(own)).one_or_none()
    if occurrence is None:
        raise NotPinned(f"occurrence_id: {NO_OCCURRENCE}")
    return pinning.pin_occurrence(session, words, automation, occurrence, pin)


def _given(body: bytes) -> dict[str, Any]:
    sent, problems = _sent(body, tuple(GIVEN))
    problems += [Problem(name, _NEEDED.get(name, "Needs a text.")) for name in GIVEN if not _fits(name, sent)]
    if ("record" in sent) is ("occurrence_id" in sent):
        problems.append(Problem("record", "Send either record or occurrence_id."))
    if problems:
        raise IntakeRefused(problems)
    return sent


def _change(body: bytes) -> dict[str, Any]:
    sent, problems = _sent(body, CHANGED)
    problems += [
        Problem(name, _NEEDED.get(name, "Needs a text."))
        for name in CHANGED
        if name in sent and not _fits(name, sent)
    ]
    if not sent:
        problems.append(Problem("must_fire", f"Send {' or '.join(CHANGED)}."))
    if problems:
        raise IntakeRefused(problems)
    return sent


def _sent(body: bytes, known: Sequence[str]) -> tuple[dict[str, Any], list[Problem]]:
    """Return the object of a body, and a problem for each of its parts that is not known."""
    try:
        sent = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise RequestNotJson("Send one JSON object.") from error
    if not isinstance(sent, dict):
        raise RequestNotJson("Send one JSON object.")
    advice = f"Is not known here. Use {', '.join(known)}."
    return sent, [Problem(name, advice) for name in sent if name not in known]


def _fits(name: str, sent: dict[str, Any]) -> bool:
    if name not in sent:
        return name != "must_fire"
    value = sent[name]
    if type(value) is not GIVEN[name]:
        return False
    if isinstance(value, str):
        return len(value) <= LONGEST_NOTE and "\x00" not in value and (name == "note" or bool(value.strip()))
    return isinstance(value, bool) or (isinstance(value, int) and 0 < value <= api_requests.LARGEST_ID)


def _plain(answered: Answer) -> dict[str, Any]:
    example = answered.example
    return {
        "id": example.id,
        "label": example.label,
        "must_fire": example.must_fire,
        "state": answered.state,
        "fires": answered.fires,
        "sentence": answered.sentence,
        "note": example.note,
        "occurrence_id": example.occurrence_id,
        "pinned_at": instant(example.pinned_at),
    }

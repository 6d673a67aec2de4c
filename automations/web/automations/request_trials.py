"""Try a request of the builder's draft against its real address, and use what it answered."""

from __future__ import annotations

import copy
import datetime as dt
import re
import secrets
from dataclasses import replace
from typing import Any

from flask import Blueprint, Response, g, request

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import HTTP, Prepared
from automations.connectors import egress
from automations.connectors.receipts import Refused, TryAgain
from automations.models.access import action_rate_limit
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.pipeline.delivery import closed_endpoints
from automations.pipeline.delivery.may_send import hosts_answer
from automations.pipeline.delivery.previous_responses import NotYet
from automations.pipeline.providers.store_connectors import connectors_for
from automations.web.automations.tried_answers import TriedAnswer, read_back, targets, tried_answer
from automations.web.builder import submit
from automations.web.builder.test_fires import TRY
from automations.web.builder.try_it import TryCard, try_card
from automations.web.kit.scope import automation_or_new
from automations.web.kit.secret_box import secret_box

bp = Blueprint("request_trials", __name__, url_prefix="/automations/<int:automation_id>/request-trials")

NO_REQUEST = "There is no request to send: finish the action, and choose a record it can be made for."
CLOSED = "This address is switched off, because it said that it is closed for good. Nothing was sent."
_FIELD = re.compile(r"\{\{ answers\.[0-9]{1,2}[^{}\n]{0,300} \}\}")


@bp.post("")
def create(automation_id: int) -> Response:
    automation = automation_or_new(automation_id)
    words = submit.words_of_store()
    sent = submit.sent_form(words)
    if sent.refusal:
        return submit.over_limit(automation, sent)
    now, user_id = dt.datetime.now(dt.UTC), g.user.id
    refusal = action_rate_limit.limit_message(db.session(), user_id, action_rate_limit.CALLED, now)
    if refusal:
        return submit.page(automation, sent, 429, fragment=TRY, told=refusal, went=False)
    place = _place(request.form.get("request", ""))
    trial = try_card(g.store, words, sent.data, sent.record)
    prepared = _prepared(trial, place)
    if prepared is None:
        return submit.page(automation, sent, fragment=TRY, told=NO_REQUEST, went=False)
    told = _refusal(sent.data["actions"][place - 1], prepared, now)
    answered = (
        TriedAnswer(place, told, False)
        if told
        else _call(automation, prepared, place, sent.data["actions"], sent.record)
    )
    return submit.page(automation, sent, fragment=TRY, answered=answered)


@bp.post("/fields")
def insert(automation_id: int) -> Response:
    automation = automation_or_new(automation_id)
    words = submit.words_of_store()
    sent = submit.sent_form(words)
    if sent.refusal:
        return submit.over_limit(automation, sent)
    data = copy.deepcopy(sent.data)
    answered = read_back(request.form.get("answer", ""), data["actions"])
    target = request.form.get("answer-target", "")
    focus = _put(data, answered, request.form.get("answer-field", ""), target)
    answered = replace(answered, target=target) if answered else None
    return submit.page(automation, replace(sent, data=data), focus=focus, answered=answered)


def _put(data: dict[str, Any], answered: TriedAnswer | None, field: str, target: str) -> str:
    """Put the field at the end of the chosen text; return the id of that text, "" if there is none."""
    offered = {option.value for option in targets(data["actions"], answered.place)} if answered else set()
    if target not in offered or not _FIELD.fullmatch(field):
        return ""
    number, _, name = target.partition("-")
    settings = data["actions"][int(number)]["settings"]
    text = str(settings.get(name) or "")
    space = " " if text and not text[-1].isspace() else ""
    settings[name] = f"{text}{space}{field}"
    return f"actions-{number}-settings-{name}"


def _how_far(error: Refused | TryAgain) -> str:
    """Return whether the request left, as a sentence."""
    if error.answer is not None:
        return "Sent once."
    return "It may have arrived." if isinstance(error.__cause__, egress.NoAnswer) else "Nothing was sent."


def _place(text: str) -> int:
    return int(text) if re.fullmatch("[0-9]{1,3}", text) else 0


def _prepared(trial: TryCard | None, place: int) -> Prepared | None:
    steps = trial.result.steps if trial and trial.result else ()
    messages = steps[place - 1].messages if 0 < place <= len(steps) else ()
    return next((message for message in messages if message.channel == HTTP), None)


def _refusal(action: Any, prepared: Prepared, now: dt.datetime) -> str:
    """Return why it may not be called now, as a sentence, or ""."""
    if closed_endpoints.of_actions(db.session(), g.store.id, [action]):
        return CLOSED
    try:
        hosts_answer(db.session(), g.store.id, [prepared.to], now)
    except NotYet as wait:
        return f"{wait.reason} Nothing was sent; try again in {wait.seconds} seconds."
    return ""


def _call(
    automation: Automation, prepared: Prepared, place: int, actions: list[dict[str, Any]], record: str
) -> TriedAnswer:
    """Send the request once and return what came back. It is noted before it leaves."""
    now = dt.datetime.now(dt.UTC)
    connectors = connectors_for(db.session(), g.store.id, secret_box(), now)
    # Nothing led to it, so it continues no chain of automations.
    connectors = replace(connectors, http=replace(connectors.http, mark=None))
    with write():
        # Neither its fields nor its secrets: only where it went, and with which record.
        about = {"to": prepared.to, "method": prepared.extra.get("method"), "action": place, "on": record}
        submit.note_change(action_rate_limit.CALLED, automation, now, after=about)
    try:
        # The other program may be slow to answer, and no transaction may stay open meanwhile.
        receipt = ACTIONS[prepared.kind].perform(prepared, connectors, f"test-{secrets.token_hex(8)}")
    except (Refused, TryAgain) as error:
        return tried_answer(place, f"{_how_far(error)} {error}", False, error.answer, actions)
    return tried_answer(place, f"Sent once: {receipt.detail}.", True, receipt.answer, actions)

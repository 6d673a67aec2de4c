"""Backtests of an automation as JSON: begin one, ask how far it is, and read its rows."""

from __future__ import annotations

import datetime as dt
from typing import Any

import msgspec
from flask import Response, g, request, url_for

from automations.engine.rules.rule_check import Problem
from automations.features.backtest import backtests, funnels
from automations.features.backtest.backtests import PERIODS, USUAL_PERIOD, NotComparable
from automations.features.backtest.lines import Line, Teller
from automations.models.access import audit
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation
from automations.models.tables.backtest import FATES, GAINED, Backtest
from automations.pipeline.intake.idempotency import (
    KeyUsed,
    RequestKey,
    StoredAnswer,
    answer_once,
    answered,
)
from automations.pipeline.intake.reading import IntakeRefused, RequestNotJson
from automations.pipeline.records.snapshots import instant
from automations.web.api import api_requests
from automations.web.api.api_blueprint import bp
from automations.web.api.problem_details import answer, refuse
from automations.web.api.record_writing import response_of

NO_BACKTEST = "This automation has no such backtest."


@bp.post("/automations/<int:automation_id>/backtests")
def backtests_create(automation_id: int) -> Response:
    """Compare the saved draft with the live version; a long one is read by the worker."""
    automation = api_requests.automation_or_404(automation_id)
    key, now, once = api_requests.read(_period), dt.datetime.now(dt.UTC), api_requests.once()
    try:
        before = answered(db.session(), g.store.id, once) if once else None
        return response_of(before or _begin(automation, key, once, now))
    except KeyUsed as error:
        refuse(409, "Key already used", str(error))


def _begin(automation: Automation, key: str, once: RequestKey | None, now: dt.datetime) -> StoredAnswer:
    store, words = g.store, StoreWords(db.session(), g.store)
    by, about = f"the API key “{g.api_key.name}”", f"automation “{automation.name}”"
    try:
        planned = backtests.plan(db.session(), store, words, automation, automation.draft, key, now)
    except NotComparable as refusal:
        problems = [Problem(f"draft.{problem.path}", problem.sentence) for problem in refusal.problems]
        refuse(422, "Not comparable", problems[0].sentence, problems)

    def begin() -> StoredAnswer:
        backtest = backtests.begin(session, store, automation, planned, by, now)
        after = {"by": by, "period": PERIODS[key]}
        audit.note(
            session, action="compared the draft of", about=about, store_id=store.id, after=after, at=now
        )
        return StoredAnswer(201, msgspec.json.encode({"backtest": _plain(backtest)}).decode())

    with write() as session:
        return answer_once(session, store.id, once, now, begin)


@bp.get("/automations/<int:automation_id>/backtests/<int:backtest_id>")
def backtests_show(automation_id: int, backtest_id: int) -> Response:
    """Return the figures of a backtest, those so far while it is read."""
    return answer({"backtest": _plain(_backtest(automation_id, backtest_id))})


@bp.get("/automations/<int:automation_id>/backtests/<int:backtest_id>/rows")
def backtests_rows(automation_id: int, backtest_id: int) -> Response:
    """Return a page of the rows of one fate, newest first; `after` is how many were seen."""
    backtest, fate = _backtest(automation_id, backtest_id), request.args.get("fate", GAINED)
    if fate not in FATES:
        problem = Problem("fate", f"Needs one of {', '.join(FATES)}.")
        refuse(422, "Not accepted", f"fate: {problem.sentence}", [problem])
    after, limit = api_requests.page()
    found = backtests.firings(db.session(), backtest, fate, after, limit)
    teller = Teller(db.session(), g.store, StoreWords(db.session(), g.store), backtest)
    whose: dict[str, Any] = {"automation_id": automation_id, "backtest_id": backtest_id}
    more = after + limit < backtests.count_of(backtest, fate)
    following = url_for("api.backtests_rows", **whose, fate=fate, after=after + limit, limit=limit)
    items = [_row(line) for line in teller.lines(fate, found)]
    return answer({"items": items, "next": following if more else None})


def _period(body: bytes) -> str:
    try:
        sent = msgspec.json.decode(body)
    except msgspec.DecodeError as error:
        raise RequestNotJson("Send one JSON object.") from error
    if not isinstance(sent, dict):
        raise RequestNotJson("Send one JSON object.")
    problems = [Problem(name, "Is not known here. Use period.") for name in sent if name != "period"]
    key = sent.get("period", USUAL_PERIOD)
    if not isinstance(key, str) or key not in PERIODS:
        problems.append(Problem("period", f"Needs one of {', '.join(PERIODS)}, as text."))
    if problems:
        raise IntakeRefused(problems)
    return str(key)


def _backtest(automation_id: int, backtest_id: int) -> Backtest:
    found = api_requests.of_store(Backtest, backtest_id)
    if found is None or found.automation_id != automation_id:
        refuse(404, "Not found", NO_BACKTEST)
    return found


def _plain(backtest: Backtest) -> dict[str, Any]:
    moments = ("since", "until", "read_to", "created_at", "finished_at")
    times = {name: getattr(backtest, name) for name in moments}
    return {
        "id": backtest.id,
        "automation_id": backtest.automation_id,
        "version": backtest.version.number if backtest.version else None,
        "state": backtest.state,
        "problem": backtest.problem,
        "period": backtest.period,
        "total": backtest.total,
        "read": backtest.read,
        **{fate: backtests.count_of(backtest, fate) for fate in FATES},
        "within_limits": backtest.figures.get(funnels.DRAFT_RAN),
        "live_within_limits": backtest.figures.get(funnels.LIVE_RAN),
        **{name: instant(moment) if moment else None for name, moment in times.items()},
    }


def _row(line: Line) -> dict[str, Any]:
    """Return a row; the number is null once the entry of the log is deleted."""
    record = {"subject": line.subject, "number": line.record_number} if line.number else None
    return {
        "fate": line.fate,
        "at": instant(line.firing.at),
        "occurrence_id": line.firing.occurrence_id,
        "record": record,
        "sentence": " ".join(filter(None, (line.number, line.text))),
        "would_have_done": line.also,
    }

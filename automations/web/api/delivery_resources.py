"""The deliveries of a store, and the decisions that some of them need, as JSON."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import msgspec
from flask import Response, g, request, url_for
from sqlalchemy.orm import Session

from automations.engine.rules.rule_check import Problem
from automations.models.db.base import db, run_in_write
from automations.models.tables.run import Run
from automations.pipeline.intake.idempotency import KeyUsed, StoredAnswer, answer_once
from automations.pipeline.runs import deliveries, run_decisions
from automations.pipeline.runs.run_decisions import AlreadyDecided, ByKey, Decider
from automations.web.api import api_requests
from automations.web.api.api_blueprint import bp
from automations.web.api.problem_details import answer, refuse
from automations.web.api.record_writing import response_of

Decision = Callable[[Session, Run, Decider, dt.datetime], None]
NOT_FOUND = "This store has no such delivery."


@bp.get("/deliveries")
def deliveries_index() -> Response:
    """Return a page of the deliveries in one state, oldest first; without it, of those to be decided."""
    after, limit = api_requests.page()
    states = _states()
    rows = deliveries.page(db.session(), g.store.id, states, after, limit + 1)
    items, following = rows[:limit], None
    if len(rows) > limit:
        last, state = items[-1]["id"], request.args.get("state")
        following = url_for("api.deliveries_index", after=last, state=state, limit=limit)
    return answer({"items": items, "next": following})


@bp.get("/deliveries/<int:run_id>")
def deliveries_show(run_id: int) -> Response:
    """Return one delivery, decided or not."""
    delivery = deliveries.find(db.session(), g.store.id, _id(run_id))
    return answer({"delivery": delivery}) if delivery else refuse(404, "Not found", NOT_FOUND)


@bp.post("/deliveries/<int:run_id>/retries")
def deliveries_retry(run_id: int) -> Response:
    """Try a failed delivery again."""
    return _decide(run_id, run_decisions.retry)


@bp.post("/deliveries/<int:run_id>/arrivals")
def deliveries_arrived(run_id: int) -> Response:
    """Mark a delivery whose outcome is unknown as arrived."""
    return _decide(run_id, run_decisions.arrived)


@bp.post("/deliveries/<int:run_id>/resends")
def deliveries_send_again(run_id: int) -> Response:
    """Send a delivery whose outcome is unknown again."""
    return _decide(run_id, run_decisions.send_again)


def _decide(run_id: int, decision: Decision) -> Response:
    store_id, by, now = g.store.id, ByKey(f"the API key “{g.api_key.name}”"), dt.datetime.now(dt.UTC)
    run_id, key = _id(run_id), api_requests.once()
    if deliveries.find(db.session(), store_id, run_id) is None:
        refuse(404, "Not found", NOT_FOUND)

    def work(session: Session) -> StoredAnswer:
        def decide() -> StoredAnswer:
            decision(session, session.get_one(Run, run_id), by, now)
            session.flush()
            session.expire_all()
            body = {"delivery": deliveries.find(session, store_id, run_id)}
            return StoredAnswer(200, msgspec.json.encode(body).decode())

        return answer_once(session, store_id, key, now, decide)

    try:
        return response_of(run_in_write(work))
    except KeyUsed as error:
        refuse(409, "Key already used", str(error))
    except AlreadyDecided:
        refuse(409, "Nothing to decide", "This delivery is not in a state in which that can be decided.")


def _states() -> tuple[str, ...]:
    asked = request.args.get("state")
    if asked is None:
        return deliveries.OPEN
    if asked not in deliveries.STATES:
        problem = Problem("state", f"Needs one of {', '.join(deliveries.STATES)}.")
        refuse(422, "Not accepted", f"state: {problem.sentence}", [problem])
    return (asked,)


def _id(run_id: int) -> int:
    return min(run_id, api_requests.LARGEST_ID)

"""The invariants that hold after any load test, checked in one place."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from automations.models.db.base import db
from automations.models.tables.automation import Listening, Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.order import Order
from automations.models.tables.run import FAILED, FINAL, SUCCEEDED, UNKNOWN, Attempt, Message, Run
from automations.models.tables.task import Task
from tests.kit.fire.fire import ShouldFire, workflows_under_way
from tests.kit.fire.tills import Acknowledged
from tests.kit.outside.sinks import Sinks


def violations(
    sinks: Sinks, acknowledged: Sequence[Acknowledged], rules: Mapping[str, ShouldFire]
) -> list[str]:
    """Return a sentence for each violated invariant; [] if all hold."""
    db.session.rollback()
    checks = (
        _stored(acknowledged),
        _judged(rules),
        _runs(),
        _never_twice(sinks),
        _in_order(sinks),
        _at_rest(),
        _log(sinks),
    )
    return [sentence for sentences in checks for sentence in sentences]


def _stored(acknowledged: Sequence[Acknowledged]) -> Iterator[str]:
    """Every acknowledged change is stored under its revision, with the record as that change left it."""
    columns = (Occurrence.id, Occurrence.revision, Occurrence.snapshot, Occurrence.record_id)
    orders = sa.select(*columns).where(Occurrence.subject == "order").order_by(Occurrence.id)
    notes: dict[tuple[str, int], set[str]] = {}
    last: dict[int, int] = {}
    for _, revision, snapshot, record_id in db.session.execute(orders):
        notes.setdefault((snapshot["number"], revision), set()).add(snapshot["note"])
        if revision < last.get(record_id, 0):
            yield f"order {snapshot['number']}: revision {revision} stands after {last[record_id]}"
        last[record_id] = revision
    for change in acknowledged:
        if notes.get((change.number, change.revision)) != {change.word}:
            yield f"acknowledged and not stored: {change}"
    if len(set(acknowledged)) != len({change.word for change in acknowledged}):
        yield "a change was acknowledged under two revisions"
    stored = dict(db.session.execute(sa.select(Order.number, Order.revision)).all())
    for number, revisions in _by_number(notes).items():
        if revisions != list(range(1, stored.get(number, 0) + 1)):
            yield f"order {number} has revisions {revisions} and stands at {stored.get(number)}"


def _by_number(changes: Iterable[tuple[str, int]]) -> dict[str, list[int]]:
    revisions: dict[str, list[int]] = {}
    for number, revision in sorted(changes):
        revisions.setdefault(number, []).append(revision)
    return revisions


def _judged(rules: Mapping[str, ShouldFire]) -> Iterator[str]:
    """Every change was evaluated once by every version that was live at its ruleset number."""
    spans = sa.select(
        Version.id, Version.name, Version.trigger, Listening.from_ruleset, Listening.until_ruleset
    )
    live = db.session.execute(spans.join(Listening.version)).all()
    fired = sa.select(Evaluation.occurrence_id, Evaluation.version_id).where(Evaluation.outcome == "fired")
    actual = Counter((occurrence_id, version_id) for occurrence_id, version_id in db.session.execute(fired))
    wanted: Counter[tuple[int, int]] = Counter()
    seen: Counter[tuple[int, int, str]] = Counter()
    for occurrence in db.session.scalars(sa.select(Occurrence).where(Occurrence.subject == "order")):
        seen[occurrence.record_id, occurrence.revision, occurrence.trigger] += 1
        for id, name, trigger, since, until in live:
            if (
                since <= occurrence.ruleset < until
                and trigger == occurrence.trigger
                and rules[name](trigger, occurrence.snapshot)
            ):
                wanted[occurrence.id, id] += 1
    yield from (f"two occurrences of one change: {key}" for key, count in seen.items() if count > 1)
    if actual != wanted:
        yield f"judged wrongly: missing {list(wanted - actual)[:5]}, too many {list(actual - wanted)[:5]}"


def _runs() -> Iterator[str]:
    """Every fired evaluation has one run for each of its actions, and no other evaluation has any."""
    positions: dict[int, list[int]] = {}
    for evaluation_id, position in db.session.execute(sa.select(Run.evaluation_id, Run.position)):
        positions.setdefault(evaluation_id, []).append(position)
    joined = sa.select(Evaluation.id, Evaluation.outcome, Version.definition).join(Evaluation.version)
    for id, outcome, definition in db.session.execute(joined):
        wanted = list(range(len(definition["actions"]))) if outcome == "fired" else []
        if sorted(positions.get(id, [])) != wanted:
            yield f"evaluation {id} has runs at {positions.get(id)}, not {wanted}"


def _never_twice(sinks: Sinks) -> Iterator[str]:
    """Every effect, email, text message, call or task, happened at most once."""
    for channel in (sinks.emails, sinks.texts, sinks.calls):
        yield from (f"“{about}” took effect {count} times" for about, count in channel.items() if count > 1)
    titles = Counter(db.session.scalars(sa.select(Task.title)))
    yield from (f"task “{title}” was made {count} times" for title, count in titles.items() if count > 1)


def _in_order(sinks: Sinks) -> Iterator[str]:
    """Effects about one record arrived in the order of its changes by channel, or the log says why not."""
    joined = sa.select(Run.id, Run.state, Run.reason, Occurrence.record_id).join(Run.evaluation)
    runs = {row.id: row for row in db.session.execute(joined.join(Evaluation.occurrence))}
    attempts = db.session.scalars(sa.select(Attempt).order_by(Attempt.id))
    run_of = {_about([attempt]): runs[attempt.run_id] for attempt in attempts}
    before: dict[tuple[str, int], list[Any]] = {}
    for channel, about in sinks.arrived:
        run = run_of.get(about)
        if run is None:
            continue
        earlier = before.setdefault((channel, run.record_id), [])
        unexplained = [other.id for other in earlier if other.id > run.id and not other.reason]
        if unexplained:
            stands = f"“{about}” of run {run.id}, {run.state} ({run.reason}),"
            yield f"{stands} arrived after the runs {unexplained}, which are later and do not say so"
        earlier.append(run)


def _at_rest() -> Iterator[str]:
    """No run and no workflow is unfinished."""
    unfinished = sa.select(Run.id, Run.state).where(Run.state.not_in(FINAL))
    yield from (f"run {id} is still {state}" for id, state in db.session.execute(unfinished))
    workflows = workflows_under_way()
    if workflows:
        yield f"{workflows} workflows are not through"


def _log(sinks: Sinks) -> Iterator[str]:
    """Every effect that the log reports happened outside, and every effect outside is in the log."""
    attempts: dict[int, list[Attempt]] = {}
    for attempt in db.session.scalars(sa.select(Attempt).order_by(Attempt.id)):
        attempts.setdefault(attempt.run_id, []).append(attempt)
    messages = Counter(db.session.scalars(sa.select(Message.run_id)))
    outside = set(sinks.emails) | set(sinks.texts) | set(sinks.calls)
    outside |= set(db.session.scalars(sa.select(Task.title)))
    logged = set()
    for run in db.session.scalars(sa.select(Run).order_by(Run.id)):
        tries = attempts.get(run.id, [])
        about = _about(tries)
        logged.add(about)
        yield from _contradictions(run, tries, about in outside, messages[run.id])
    yield from (f"“{about}” is outside and not in the log" for about in outside - logged)


def _contradictions(run: Run, tries: Sequence[Attempt], is_outside: bool, messages: int) -> Iterator[str]:
    last = tries[-1].result if tries else None
    if run.state in FINAL and run.finished_at is None:
        yield f"run {run.id} ended and does not say when"
    if run.state == SUCCEEDED and (last != "sent" or not is_outside):
        yield f"run {run.id} succeeded, its last try is {last}, and outside it is {is_outside}"
    if run.state == UNKNOWN and last not in ("started", "uncertain"):
        yield f"run {run.id} is unknown though its last try is {last}"
    # After three killed workers the run is parked, and a person decides.
    if run.state == FAILED and not (run.reason or "").startswith("Parked"):
        yield f"run {run.id} failed: {run.reason}"
    wanted = int(run.state == SUCCEEDED and run.kind in ("send_email", "send_sms"))
    if messages != wanted:
        yield f"run {run.id} is {run.state} and has {messages} messages"


def _about(tries: Sequence[Attempt]) -> str | None:
    if not tries:
        return None
    prepared: Mapping[str, Any] = tries[-1].prepared or {}
    if prepared.get("kind") == "http_request":
        return str(json.loads(prepared["body"])["about"])
    return str(prepared.get("body" if prepared.get("kind") == "send_sms" else "subject"))

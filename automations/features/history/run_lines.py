"""Runs as lines of the log, with their attempts and messages, for many evaluations at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared import attachments, message_languages
from automations.actions.shared.action_kind import SMS, Prepared
from automations.connectors.mailbox_connector import MAILBOX
from automations.features.figures.outcomes import (
    DELAYED,
    KEPT,
    RETRIED,
    STAYED,
    WORDS,
    Badge,
    standing_of_run,
)
from automations.features.history.log_entries import AttemptLine, RunLine, SentMessage
from automations.features.history.log_phrases import RUN_BADGES
from automations.models.tables.run import (
    CANCELLED,
    FAILED,
    HELD,
    KEPT_WORD,
    SKIPPED,
    SUCCEEDED,
    UNKNOWN,
    WAITING,
    Attempt,
    Message,
    Run,
)
from automations.pipeline.runs.claimed_run import LEFT, key_of, refused_copies

#: Characters of an API's answer that the log shows.
LONGEST_ANSWER = 2000
#: Characters of what was sent that the log shows.
LONGEST_TEXT = 4000
#: Characters of a text message that stand in a line.
LONGEST_WORDS = 80
_WITH_REASON = frozenset({HELD, SUCCEEDED, FAILED, SKIPPED, CANCELLED, UNKNOWN, RETRIED, DELAYED, KEPT})


def runs_of(session: Session, evaluation_ids: Collection[int]) -> dict[int, tuple[RunLine, ...]]:
    """Return the run lines by evaluation id, in the order of the actions; three queries in all."""
    if not evaluation_ids:
        return {}
    lines: dict[int, list[RunLine]] = defaultdict(list)
    for run, line in _lines(session, Run.evaluation_id.in_(evaluation_ids)):
        lines[run.evaluation_id].append(line)
    return {id: tuple(run_lines) for id, run_lines in lines.items()}


def brief_runs_of(session: Session, evaluation_ids: Collection[int]) -> dict[int, tuple[RunLine, ...]]:
    """Return the run lines by evaluation id without their attempts and messages; two queries in all."""
    if not evaluation_ids:
        return {}
    runs = _runs(session, Run.evaluation_id.in_(evaluation_ids))
    sent = [run.id for run in runs if run.state == SUCCEEDED]
    in_mailbox = sa.select(Message.run_id).where(Message.run_id.in_(sent), Message.connector == MAILBOX)
    stayed = {*session.scalars(in_mailbox)} if sent else set()
    lines: dict[int, list[RunLine]] = defaultdict(list)
    for run in runs:
        lines[run.evaluation_id].append(_line(run, (), (), run.id in stayed))
    return {id: tuple(run_lines) for id, run_lines in lines.items()}


def lines_of(session: Session, run_ids: Collection[int]) -> dict[int, RunLine]:
    """Return the lines of these runs by their ids; three queries in all."""
    return {run.id: line for run, line in _lines(session, Run.id.in_(run_ids))} if run_ids else {}


def _lines(session: Session, which: sa.ColumnElement[bool]) -> list[tuple[Run, RunLine]]:
    rows = _runs(session, which)
    ids = [run.id for run in rows]
    tries, letters = _tries(session, ids), _letters(session, ids)
    return [(run, _whole(run, tries.get(run.id, ()), letters.get(run.id, ()))) for run in rows]


def _runs(session: Session, which: sa.ColumnElement[bool]) -> Sequence[Run]:
    wanted = sa.select(Run).where(which)
    return session.scalars(wanted.order_by(Run.evaluation_id, Run.position)).all()


def _tries(session: Session, run_ids: Collection[int]) -> dict[int, list[AttemptLine]]:
    by_run: dict[int, list[AttemptLine]] = defaultdict(list)
    if run_ids:
        rows = session.scalars(sa.select(Attempt).where(Attempt.run_id.in_(run_ids)).order_by(Attempt.id))
        for row in rows:
            by_run[row.run_id].append(_try(row))
    return by_run


def _try(row: Attempt) -> AttemptLine:
    sent = Prepared.from_data(row.prepared or {})
    copies = refused_copies(row.answer)
    answer = _answer(row.answer) if row.answer and not copies else ""
    names = (key_of(row.run_id, row.part), row.provider_id or "")
    when = row.finished_at or row.started_at
    said = (sent.channel, sent.subject, sent.body[:LONGEST_TEXT] + "…" * (len(sent.body) > LONGEST_TEXT))
    what = (row.number, sent.to, row.result, row.detail or "", when, answer)
    return AttemptLine(*what, *names, *said, refused_copies=copies)


def _answer(kept: Mapping[str, Any]) -> str:
    text = str(kept.get("body") or "")
    cut = "…" if kept.get("cut") or len(text) > LONGEST_ANSWER else ""
    return f"{kept.get('status')} {text[:LONGEST_ANSWER]}{cut}"


def _letters(session: Session, run_ids: Collection[int]) -> dict[int, list[SentMessage]]:
    by_run: dict[int, list[SentMessage]] = defaultdict(list)
    said = sa.case(
        (Message.channel == SMS, sa.func.substr(Message.body, 1, LONGEST_WORDS + 1)), else_=Message.subject
    )
    columns = (Message.run_id, Message.id, Message.to, said, Message.connector, Message.at, Message.layout)
    if run_ids:
        query = sa.select(*columns).where(Message.run_id.in_(run_ids)).order_by(Message.id)
        for run_id, id, to, words, connector, at, layout in session.execute(query):
            beside = message_languages.written_in(layout), attachments.names(layout)
            letter = SentMessage(id, to, _cut(words), connector, at, *beside)
            by_run[run_id or 0].append(letter)
    return by_run


def _cut(words: str) -> str:
    cut = "…" if len(words) > LONGEST_WORDS else ""
    return " ".join(words[:LONGEST_WORDS].split()) + cut


def _whole(run: Run, tries: Sequence[AttemptLine], letters: Sequence[SentMessage]) -> RunLine:
    return _line(run, tries, letters, any(letter.connector == MAILBOX for letter in letters))


def _line(run: Run, tries: Sequence[AttemptLine], letters: Sequence[SentMessage], stayed: bool) -> RunLine:
    stands = standing_of_run(run.state, run.reason, run.tries)
    kind: Any = ACTIONS.get(run.kind)
    through = stands == SUCCEEDED and kind and kind.done != RUN_BADGES[SUCCEEDED].word
    recipients = [letter.to for letter in letters] + [attempt.to for attempt in tries]
    return RunLine(
        id=run.id,
        position=run.position,
        label=kind.label if kind else run.kind,
        icon=kind.icon if kind else "dots",
        state=run.state,
        standing=stands,
        badge=_badge(stands, kind.done if through else "", stayed),
        reason=(run.reason or "").removeprefix(KEPT_WORD) if stands in _WITH_REASON else "",
        to=tuple(dict.fromkeys(filter(None, recipients))),
        missing=_missing(run, tries),
        next_try=run.due_at if run.state == WAITING else None,
        at=run.finished_at or (letters[-1].at if letters else None),
        tries=tuple(tries),
        letters=tuple(letters),
        done=_done(tries) if through else "",
    )


def _missing(run: Run, tries: Sequence[AttemptLine]) -> tuple[str, ...] | None:
    """Return who did not get what others did; None unless that is how the run stands."""
    if run.state != FAILED or all(attempt.result not in LEFT for attempt in tries):
        return None
    latest = [attempt for attempt in tries if attempt.number == run.tries]
    refused = [attempt.to for attempt in latest if attempt.result not in LEFT]
    return tuple(dict.fromkeys([*refused, *(one for attempt in latest for one in attempt.refused_copies)]))


@lru_cache(maxsize=64)
def _badge(stands: str, done: str, stayed: bool) -> Badge:
    if stands == SUCCEEDED and stayed:
        return WORDS[STAYED]
    return replace(RUN_BADGES[stands], word=done) if done else RUN_BADGES[stands]


def _done(tries: Sequence[AttemptLine]) -> str:
    return "; ".join(
        dict.fromkeys(attempt.detail for attempt in tries if attempt.result in LEFT and attempt.detail)
    )

"""The responses to earlier actions of the same evaluation, for later ones that use them. Beside: perform."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterator, Mapping
from functools import reduce
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions.shared.action_kind import Settings, Skipped
from automations.actions.shared.text_templates import answers_used
from automations.connectors.http_responses import as_text, parsed
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import FINAL, SUCCEEDED, WAITING, Attempt, Run
from automations.pipeline.runs.claimed_run import SENT

#: Seconds until a run checks again whether the one it needs has finished.
LOOK_AGAIN = 2
_LONGEST = 3600
#: The names, and places in lists, that lead to a value of an answer: ("jobs", 0, "id").
Steps = tuple[str | int, ...]
#: The most values of an answer that are offered; only names that can be written after a dot are.
_MOST_PATHS = 20
_NAME = re.compile(r"[A-Za-z_]\w{0,59}", re.ASCII)
#: Whoever looks at an answer may pick any name that can be written between quotes.
_ANY_NAME = re.compile(r"[^\W\d][\w .:@$/-]{0,59}")
#: What lies deeper in an answer is empty in a text.
_DEEPEST = 5


class NotYet(Exception):
    """What a run needs is not available yet: look again after `seconds`. `reason` is for the log."""

    def __init__(self, seconds: int, reason: str = "") -> None:
        super().__init__(seconds)
        self.seconds = seconds
        self.reason = reason


def answers_for(
    session: Session, evaluation_id: int, settings: Settings, now: dt.datetime
) -> dict[str, object]:
    """Return place of an action, from "1" -> its answer, for the places that `settings` mention.

    Raises NotYet where an answer is still to come, and Skipped where it never will.
    """
    places = answers_used(settings)
    if not places:
        return {}
    runs = _runs(session, evaluation_id, places)
    for place in sorted(places):
        _look(place, runs.get(place - 1), now)
    ids = {run.id: run.position + 1 for run in runs.values()}
    sent = sa.select(Attempt).where(Attempt.run_id.in_(ids), Attempt.result == SENT).order_by(Attempt.id)
    return {str(ids[attempt.run_id]): _data(attempt.answer) for attempt in session.scalars(sent)}


def known_paths(session: Session, automation_id: int, places: Collection[int]) -> dict[int, list[Steps]]:
    """Return place of an action, from 0 -> the paths of single values in its latest answer."""
    paths = {}
    for place in places:
        answers = sa.select(Attempt.answer).join(Attempt.run).join(Run.evaluation)
        answers = answers.where(Evaluation.automation_id == automation_id, Run.position == place)
        sent = answers.where(Run.kind == "http_request", Attempt.result == SENT).order_by(Run.id.desc())
        latest = session.scalars(sent.limit(1)).first()
        paths[place] = list(islice(_paths(_data(latest)), _MOST_PATHS)) if latest else []
    return paths


def values_of(answer: Mapping[str, Any] | None) -> list[tuple[Steps, str]]:
    """Return the single values of an answer that templates can reach, each with its path."""
    if not answer:
        return []
    data = _data(answer)
    return [(steps, as_text(reduce(_step, steps, data))) for steps in _all_paths(data)]


def out_of_reach(answer: Mapping[str, Any] | None) -> int:
    """Return how many single values `values_of` leaves out: they lie too deep, or no field can name them.

    Like there, of a list only the first item counts.
    """
    return _single_values(_data(answer)) - len(values_of(answer)) if answer else 0


def is_cut_json(answer: Mapping[str, Any] | None) -> bool:
    """Return whether an answer is JSON of which only the beginning was read."""
    body = str((answer or {}).get("body", ""))
    return bool((answer or {}).get("cut")) and body.lstrip().startswith(("{", "[")) and parsed(body) is None


def _single_values(data: object) -> int:
    """Return the number of single values at any depth; of a list only the first item counts."""
    count, left = 0, [data]
    while left:
        one = left.pop()
        if isinstance(one, dict):
            left += one.values()
        elif isinstance(one, list):
            left += one[:1]
        else:
            count += 1
    return count


def _all_paths(data: object, before: Steps = ()) -> Iterator[Steps]:
    """Yield the paths of single values at any depth, and those in the first item of a list."""
    if isinstance(data, dict):
        parts: list[tuple[str | int, object]] = [(key, data[key]) for key in data if _ANY_NAME.fullmatch(key)]
    else:
        parts = [(0, data[0])] if isinstance(data, list) and data else []
    for key, value in parts:
        if not isinstance(value, list | dict):
            yield (*before, key)
        elif len(before) < _DEEPEST - 1:
            yield from _all_paths(value, (*before, key))


def _step(data: Any, step: str | int) -> object:
    return data[step]


def _paths(data: object, before: Steps = (), deeper: int = 2) -> Iterator[Steps]:
    """Yield the paths of single values, nested ones too, and those of the first item of a list."""
    for key, value in _parts(data):
        if isinstance(value, dict | list) and deeper:
            yield from _paths(value, (*before, key), deeper - 1)
        elif not isinstance(value, list | dict):
            yield (*before, key)


def _parts(data: object) -> Iterator[tuple[str | int, object]]:
    if isinstance(data, dict):
        yield from ((key, value) for key, value in data.items() if _NAME.fullmatch(key))
    elif isinstance(data, list) and data and isinstance(data[0], dict):
        yield 0, data[0]


def _runs(session: Session, evaluation_id: int, places: Collection[int]) -> dict[int, Run]:
    answers = sa.select(Run).where(Run.evaluation_id == evaluation_id)
    rows = session.scalars(answers.where(Run.position.in_([place - 1 for place in places])))
    return {run.position: run for run in rows}


def _look(place: int, run: Run | None, now: dt.datetime) -> None:
    if run is None or run.kind != "http_request":
        raise Skipped(f"It needs the answer of action {place}, which is not a request.")
    if run.state not in FINAL:
        wait = (run.due_at - now).total_seconds() if run.state == WAITING else 0
        raise NotYet(int(min(max(wait + 1, LOOK_AGAIN), _LONGEST)))
    if run.state != SUCCEEDED:
        raise Skipped(f"It needs the answer of action {place}, which did not succeed.")


def _data(answer: Mapping[str, Any] | None) -> object:
    """Return the answer as templates see it: its JSON object or list, else {"body": …}."""
    text = str((answer or {}).get("body", ""))
    data = parsed(text)
    return data if isinstance(data, dict | list) else {"body": text if data is None else data}

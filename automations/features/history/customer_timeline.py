"""Every message about a customer, their orders and their events, newest first: what became of each."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.features.figures.outcomes import Badge
from automations.features.history.log_entries import RunLine
from automations.features.history.log_phrases import OTHER_BADGES, record_words
from automations.features.history.run_lines import lines_of
from automations.features.history.upcoming_runs import summary_of
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Version
from automations.models.tables.occurrence import OF_CUSTOMER, Evaluation, Occurrence
from automations.models.tables.people import Membership, User
from automations.models.tables.run import TELLS, WAITING, Run
from automations.models.tables.segment import Campaign
from automations.models.tables.task import Task

#: Messages on one page.
LENGTH = 20
RUN, EVALUATION = "run", "evaluation"


class TimelinePlace(NamedTuple):
    """A place in the timeline; later ones are greater. At one instant runs stand above evaluations."""

    at: dt.datetime
    source: str
    id: int


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """One message, task or notification; or an automation that would have run but was stopped."""

    place: TimelinePlace
    #: When it was done or will be; until then, when it is due.
    at: dt.datetime
    badge: Badge
    automation_id: int
    automation: str
    subject: str
    record_id: int
    record: str
    number: str
    #: None if nothing ran: `reason` then says why.
    line: RunLine | None
    reason: str
    campaign_id: int | None = None
    task_id: int | None = None
    #: To whom it went, the store's own people by name: "Ada Quill (your team)".
    to: tuple[str, ...] = ()
    #: Whether it went to others than the customer: to the team, or to an address that the action names.
    is_elsewhere: bool = False
    #: How the customer gets it, "Email" or "Text"; "" if it is for others too, or for others only.
    by: str = ""


@dataclass(frozen=True, slots=True)
class TimelinePage:
    """Entries, newest first; `next` is the place to continue below, None at the end."""

    entries: tuple[TimelineEntry, ...]
    next: TimelinePlace | None


def timeline(
    session: Session,
    words: StoreWords,
    customer_ids: Sequence[int],
    now: dt.datetime,
    below: TimelinePlace | None = None,
    limit: int = LENGTH,
) -> TimelinePage:
    """Return one page of what is over or under way, for a customer and those who were merged into them."""
    coming = sa.and_(Run.state == WAITING, Run.due_at > now)
    runs = [
        sa.select(Run.id, Run.due_at.label("at"))
        .where(Run.customer_id == id, TELLS, ~coming, *_below(Run.due_at, Run.id, RUN, below))
        .order_by(Run.due_at.desc(), Run.id.desc())
        for id in customer_ids
    ]
    stopped = [
        sa.select(Evaluation.id, Evaluation.at.label("at"))
        .where(Evaluation.customer_id == id, OF_CUSTOMER)
        .where(*_below(Evaluation.at, Evaluation.id, EVALUATION, below))
        .order_by(Evaluation.at.desc(), Evaluation.id.desc())
        for id in customer_ids
    ]
    places = [
        *_places(session, runs, RUN, limit + 1, newest=True),
        *_places(session, stopped, EVALUATION, limit + 1, newest=True),
    ]
    places = sorted(places, reverse=True)
    more = len(places) > limit
    return TimelinePage(_entries(session, words, places[:limit]), places[limit - 1] if more else None)


def waiting(
    session: Session, words: StoreWords, customer_ids: Sequence[int], now: dt.datetime, limit: int
) -> tuple[TimelineEntry, ...]:
    """Return the next `limit` messages that wait for their time, soonest first."""
    queries = [
        sa.select(Run.id, Run.due_at.label("at"))
        .where(Run.customer_id == id, TELLS, Run.due_at > now, Run.state == WAITING)
        .order_by(Run.due_at, Run.id)
        for id in customer_ids
    ]
    return _entries(session, words, sorted(_places(session, queries, RUN, limit, newest=False))[:limit])


def _below(at: Any, id: Any, source: str, below: TimelinePlace | None) -> list[sa.ColumnElement[bool]]:
    """Return the conditions on rows that come after a place; the first of them is a range of the index."""
    if below is None:
        return []
    if source == below.source:
        return [at <= below.at, sa.or_(at < below.at, id < below.id)]
    return [at < below.at if source > below.source else at <= below.at]


def _places(
    session: Session, queries: Sequence[sa.Select[*tuple[Any, ...]]], source: str, limit: int, newest: bool
) -> list[TimelinePlace]:
    """Return the first rows of several queries; each is limited first, so that each walks the index."""
    limited = [query.limit(limit).subquery() for query in queries]
    together = sa.union_all(*(sa.select(query.c.id, query.c.at) for query in limited)).subquery()
    order = (together.c.at, together.c.id)
    order_by = [column.desc() for column in order] if newest else list(order)
    rows = session.execute(sa.select(together.c.id, together.c.at).order_by(*order_by).limit(limit))
    return [TimelinePlace(at, source, id) for id, at in rows]


def _entries(
    session: Session, words: StoreWords, places: Sequence[TimelinePlace]
) -> tuple[TimelineEntry, ...]:
    run_ids = [place.id for place in places if place.source == RUN]
    query = sa.select(Run.id, Run.evaluation_id).where(Run.id.in_(run_ids))
    of_run = dict(session.execute(query).all()) if run_ids else {}
    evaluation_ids = {of_run[place.id] if place.source == RUN else place.id for place in places}
    origins = {row.id: row for row in _origins(session, evaluation_ids)}
    lines = lines_of(session, run_ids)
    tasks = _tasks(session, run_ids)
    team = _team(session, run_ids, {to.lower() for line in lines.values() for to in line.to})
    entries = []
    for place in places:
        line = lines[place.id] if place.source == RUN else None
        origin = origins[of_run[place.id] if line else place.id]
        line = line and replace(line, label=_label(origin, line, words))
        entry = _entry(place, origin, line, tasks.get(place.id) if line else None)
        entries.append(_with_receivers(entry, origin, team))
    return tuple(entries)


def _entry(
    place: TimelinePlace, origin: sa.Row[Any], line: RunLine | None, task_id: int | None
) -> TimelineEntry:
    return TimelineEntry(
        place=place,
        at=(line.at if line else None) or place.at,
        badge=line.badge if line else OTHER_BADGES[origin.outcome],
        automation_id=origin.automation_id,
        automation=origin.name,
        subject=origin.subject,
        record_id=origin.record_id,
        record=record_words(origin.subject, origin.snapshot),
        number=str(origin.snapshot.get("number", "")),
        line=line,
        reason=line.reason if line else origin.error or "",
        campaign_id=origin.campaign_id,
        task_id=task_id,
    )


def _with_receivers(entry: TimelineEntry, origin: sa.Row[Any], team: Mapping[str, str]) -> TimelineEntry:
    line, actions = entry.line, origin.definition["actions"]
    if line is None:
        return entry
    action = actions[line.position] if line.position < len(actions) else None
    kind = ACTIONS.get(action["kind"]) if action else None
    inside = not (action and kind and kind.contacts_customer(action["settings"]))
    to = tuple(team.get(address.lower(), address) for address in line.named)
    only_team = bool(line.to) and all(address.lower() in team for address in line.to)
    by = kind.verb_to_customer(action["settings"]) if action and kind else ""
    return replace(entry, to=to, is_elsewhere=inside or only_team, by=by)


def _team(session: Session, run_ids: Collection[int], addresses: Collection[str]) -> dict[str, str]:
    """Return the names of those who work for the store of these runs, by email in lowercase."""
    if not run_ids or not addresses:
        return {}
    stores = sa.select(Run.store_id).where(Run.id.in_(run_ids))
    query = sa.select(sa.func.lower(User.email), User.name).join(Membership, Membership.user_id == User.id)
    query = query.where(Membership.store_id.in_(stores), sa.func.lower(User.email).in_(addresses))
    return {address: f"{name} (your team)" for address, name in session.execute(query)}


def _label(origin: sa.Row[Any], line: RunLine, words: StoreWords) -> str:
    """Return what an action does, as the log names it: "Email the customer"."""
    actions = origin.definition["actions"]
    # Alerts to managers come after all actions.
    if line.position >= len(actions):
        return line.label
    phrase = summary_of(actions[line.position], words.subject(origin.subject), words)
    return phrase[:1].upper() + phrase[1:]


def _origins(session: Session, evaluation_ids: Collection[int]) -> Sequence[sa.Row[Any]]:
    """Return what the evaluations were of: the automation or campaign, and the record of that time."""
    if not evaluation_ids:
        return ()
    columns = (Evaluation.id, Evaluation.outcome, Evaluation.error, Evaluation.automation_id)
    of = (Occurrence.subject, Occurrence.record_id, Occurrence.snapshot)
    query = sa.select(*columns, *of, sa.func.coalesce(Campaign.name, Version.name).label("name"))
    query = query.add_columns(Campaign.id.label("campaign_id"), Version.definition)
    query = query.join(Occurrence, Occurrence.id == Evaluation.occurrence_id)
    query = query.join(Version, Version.id == Evaluation.version_id)
    query = query.outerjoin(Campaign, Campaign.version_id == Evaluation.version_id)
    return session.execute(query.where(Evaluation.id.in_(evaluation_ids))).all()


def _tasks(session: Session, run_ids: Collection[int]) -> dict[int, int]:
    """Return the tasks that these runs made, by the id of the run."""
    if not run_ids:
        return {}
    rows = session.execute(sa.select(Task.run_id, Task.id).where(Task.run_id.in_(run_ids)))
    return {run_id: id for run_id, id in rows if run_id}

"""What a daily summary says. It names automations and counts, and nobody's data: it may lie in any inbox."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import sqlalchemy as sa
from flask import current_app
from itsdangerous import BadSignature, URLSafeSerializer
from sqlalchemy.orm import Session

from automations.engine.operators.value_types import counted, counts_written
from automations.features.figures import outcomes
from automations.features.figures.day_outcomes import DayOutcomes, by_outcome, outcomes_of_day
from automations.messages.store_formats import formats_of
from automations.models.inbox import over_shadows
from automations.models.tables.automation import Automation
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.people import Membership
from automations.models.tables.run import FAILED, UNKNOWN, Run
from automations.models.tables.store import Store
from automations.models.tables.surge_hold import SurgeHold

PATH = "/daily-summary/"
#: Emails of earlier releases hold links that were signed with it.
_SALT = "daily-letter"
#: Actions that are counted, and automations that are named.
COUNTED, NAMED = 1000, 20
WRONG = (outcomes.FAILED, outcomes.UNKNOWN, outcomes.FAILING, outcomes.ERROR)


@dataclass(frozen=True, slots=True)
class SummaryText:
    subject: str
    text: str


def summary(session: Session, store: Store, membership: Membership, day: dt.date) -> SummaryText | None:
    """Return the summary of the morning of `day`, about the day before; None if there is nothing to say."""
    with counts_written(formats_of(store.language).number):
        return _summary(session, store, membership, day)


def _summary(session: Session, store: Store, membership: Membership, day: dt.date) -> SummaryText | None:
    yesterday = day - dt.timedelta(days=1)
    counts = outcomes_of_day(session, store, yesterday)
    waits = list(_waits(session, store))
    if not counts and not waits:
        return None
    names = _names(session, {automation_id for automation_id, _ in counts})
    wrong = list(_wrong(counts, names))
    parts = [f"Good morning {membership.user.name},"]
    if waits:
        parts.append("\n".join(("This needs you:", *_listed(waits), _address("/"))))
    if wrong:
        address = _address(f"/activity?outcome=wrong&from={yesterday}&to={yesterday}")
        parts.append("\n".join(("This went wrong yesterday:", *_listed(wrong), address)))
    day_words = formats_of(store.language).weekday_date(yesterday)
    parts.append(f"Yesterday ({day_words}): {_totals(by_outcome(counts))}.")
    end = _address(PATH + token_for(membership.id))
    parts.append(f"You get this daily summary because you asked for it. Switch it off: {end}")
    text = "\n\n".join(parts) + "\n"
    return SummaryText(
        f"{store.name}: {_subject(len(waits), sum(counts[key] for key in counts if key[1] in WRONG))}", text
    )


def token_for(membership_id: int) -> str:
    """Return the signed token that switches off the summaries of one membership."""
    return str(_serializer().dumps(membership_id))


def membership_named(session: Session, token: str) -> Membership | None:
    """Return the membership that a token names; None if the token is not ours or nobody works there now."""
    try:
        membership_id = _serializer().loads(token)
    except BadSignature:
        return None
    return session.get(Membership, membership_id) if isinstance(membership_id, int) else None


def _waits(session: Session, store: Store) -> Iterator[str]:
    """Yield a line for each automation of which something waits for a decision."""
    undecided = sa.select(Run.evaluation_id).where(Run.store_id == store.id, Run.state.in_((FAILED, UNKNOWN)))
    newest = undecided.order_by(Run.id.desc()).limit(COUNTED).subquery()
    per_automation = (
        sa.select(Automation.name, sa.func.count())
        .join(Evaluation, Evaluation.automation_id == Automation.id)
        .join(newest, newest.c.evaluation_id == Evaluation.id)
        .group_by(Automation.id, Automation.name)
    )
    for name, count in session.execute(per_automation.order_by(Automation.name)):
        yield f"{name}: {counted(count)} {'action' if count == 1 else 'actions'} failed or may have arrived"
    holds = sa.select(Automation.name).join(SurgeHold, SurgeHold.automation_id == Automation.id)
    held = holds.where(SurgeHold.store_id == store.id, SurgeHold.ended_at.is_(None)).distinct()
    for name in session.scalars(held.order_by(Automation.name)):
        yield f"{name} is held because it fired far more than usual"
    for shadow in over_shadows.waiting(session, store.id):
        yield f"The shadow mode of {shadow.automation.name} is over"


def _wrong(counts: DayOutcomes, names: Mapping[int, str]) -> Iterator[str]:
    for automation_id, name in sorted(names.items(), key=lambda pair: pair[1]):
        found = {outcome: counts.get((automation_id, outcome), 0) for outcome in WRONG}
        if any(found.values()):
            yield f"{name}: {_totals(found)}"


def _totals(counts: Mapping[str, int]) -> str:
    order = (
        outcomes.SENT,
        outcomes.STAYED,
        outcomes.DONE,
        outcomes.WAITING,
        outcomes.SKIPPED,
        outcomes.HELD,
        *WRONG,
    )
    parts = [f"{counted(counts[one])} {_word(one)}" for one in order if counts.get(one)]
    return ", ".join(parts) or "nothing was done"


def _word(outcome: str) -> str:
    return outcomes.SERIES.get(outcome, outcomes.WORDS[outcome].word).lower()


def _subject(waiting: int, wrong: int) -> str:
    needs = f"{waiting} {'needs' if waiting == 1 else 'need'} you"
    parts = [needs] * bool(waiting) + [f"{counted(wrong)} went wrong yesterday"] * bool(wrong)
    return ", ".join(parts) or "all went well yesterday"


def _listed(lines: list[str]) -> list[str]:
    more = [f"- and {counted(len(lines) - NAMED)} more"] if len(lines) > NAMED else []
    return [*(f"- {line}" for line in lines[:NAMED]), *more]


def _names(session: Session, ids: set[int]) -> dict[int, str]:
    rows = session.execute(sa.select(Automation.id, Automation.name).where(Automation.id.in_(ids)))
    return {row.id: row.name for row in rows}


def _address(path: str) -> str:
    return f"{str(current_app.config['PUBLIC_URL']).rstrip('/')}{path}"


def _serializer() -> URLSafeSerializer:
    # The last key signs, the earlier ones still verify: the link in an old summary must keep working.
    config = current_app.config
    keys = [*(config.get("SECRET_KEY_FALLBACKS") or ()), config["SECRET_KEY"]]
    return URLSafeSerializer(keys, salt=_SALT)

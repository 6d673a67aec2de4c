"""Why one automation did not run for one record, as a sentence; also for automations that never considered
it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.fields.subjects import SUBJECTS
from automations.engine.wording import wording
from automations.features.history import explain_dates, explain_schedule
from automations.features.history.condition_chips import chips
from automations.features.history.listeners import OccurrenceToExplain, PublishedVersion, published
from automations.features.history.log_phrases import entry_of, is_of_import
from automations.features.history.what_came_of_it import WhyNotAnswer, what_came_of_it
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Listening, Version
from automations.models.tables.occurrence import IMPORTED, Evaluation, Occurrence
from automations.models.tables.schedule_progress import SCHEDULED, TIMED, Due
from automations.models.tables.store import Store
from automations.pipeline.records.evaluation_context import listening_triggers, occurrence_triggers

#: Latest updates searched for one that such an automation listens to.
LOOKED_BACK = 50
_IMPORTED = "{} did not run for {}: it was imported quietly, and a quiet import fires nothing."
_OLD = (
    "{} did not run for {}: it is from before {} was connected, and such {} are taken in quietly, which fires"
    " nothing."
)


def why_not(
    session: Session,
    store: Store,
    words: StoreWords,
    subject: str,
    record_id: int,
    record_name: str,
    automation: Automation,
    now: dt.datetime | None = None,
) -> WhyNotAnswer:
    """Return why `automation` did not run for this record, based on the latest change it could have run on.

    `now` is only needed to tell what is still to come, or was due a moment ago.
    """
    version = automation.latest_version
    name = automation.name
    if version is None:
        return WhyNotAnswer(f"{name} has never been published, so it has not run yet.")
    kind = SUBJECTS[version.subject]
    if version.subject != subject:
        return WhyNotAnswer(
            f"{name} watches {kind.plural.lower()}, and this is {_a(SUBJECTS[subject].label)}."
        )
    question = explain_schedule.Question(store, words, record_id, record_name, automation)
    answer = _at_last_times(session, question, version, now)
    if answer:
        return _of_a_time(answer, subject, words)
    ran = _ran(session, automation, subject, record_id)
    if ran:
        return what_came_of_it(session, ran, automation, record_name)
    latest = _latest(session, store, version, record_id)
    if latest is None:
        trigger = kind.triggers[version.trigger]
        answer = (
            explain_schedule.still_to_come(session, question, now)
            if now and version.trigger in TIMED
            else None
        )
        if answer:
            return _of_a_time(answer, subject, words)
        quiet = _taken_quietly(session, store, version, record_id)
        if quiet is not None:
            said = _IMPORTED if is_of_import(quiet) else _OLD
            return WhyNotAnswer(said.format(name, record_name, quiet.cause, kind.plural.lower()))
        off = "" if automation.active_version_id else " It is also switched off."
        start = f"{name} starts when {_a(kind.label)}{trigger.phrase}, and that has not happened to"
        return WhyNotAnswer(f"{start} {record_name}.{off}")
    return about(Published(session, words), words, automation, latest, record_name)


def _taken_quietly(session: Session, store: Store, version: Version, record_id: int) -> Occurrence | None:
    of_record = sa.and_(Occurrence.subject == version.subject, Occurrence.record_id == record_id)
    quietly = sa.and_(Occurrence.store_id == store.id, of_record, Occurrence.trigger == IMPORTED)
    return session.scalar(sa.select(Occurrence).where(quietly).order_by(Occurrence.id).limit(1))


def _at_last_times(
    session: Session, question: explain_schedule.Question, version: Version, now: dt.datetime | None
) -> explain_schedule.ScheduleAnswer | None:
    if version.trigger == SCHEDULED:
        return explain_schedule.at_last_times(session, question)
    return explain_dates.at_last_dates(session, question, now) if version.trigger in TIMED else None


def _of_a_time(answer: explain_schedule.ScheduleAnswer, subject: str, words: StoreWords) -> WhyNotAnswer:
    shown = chips(answer.explanation, subject, words) if answer.explanation else ()
    return WhyNotAnswer(answer.sentence, since=answer.since, chips=shown)


class Published:
    """When automations listened and their versions, read once for any number of questions."""

    def __init__(self, session: Session, words: StoreWords) -> None:
        self._session, self._words = session, words
        self._spans: dict[int, Sequence[Listening]] = {}
        self._versions: dict[int, PublishedVersion] = {}

    def spans(self, automation: Automation) -> Sequence[Listening]:
        """Return when its versions listened, the earliest first."""
        if automation.id not in self._spans:
            self._spans[automation.id] = self._session.scalars(_spans(automation)).all()
        return self._spans[automation.id]

    def version(self, version_id: int) -> PublishedVersion:
        """Return a version by its id."""
        if version_id not in self._versions:
            self._versions |= published(self._session, [version_id], self._words)
        return self._versions[version_id]


def about(
    history: Published, words: StoreWords, automation: Automation, occurrence: Occurrence, record_name: str
) -> WhyNotAnswer:
    """Return how the automation evaluates an occurrence of its kind that left no row."""
    spans = history.spans(automation)
    during = [span for span in spans if span.from_ruleset <= occurrence.ruleset < span.until_ruleset]
    if not during:
        return _was_not_listening(automation, spans, occurrence, entry_of(occurrence, words).trigger)
    version = history.version(during[-1].version_id)
    if (version.rule.subject, version.rule.trigger.key) not in _heard(occurrence):
        return _listened_to_another(automation, version, spans, occurrence)
    try:
        moment = OccurrenceToExplain(occurrence, words.custom_ever(occurrence.subject))
        explanation = moment.explain(version.rule)
    except ValueError as problem:
        return WhyNotAnswer(
            f"{automation.name} could not be checked: {problem}", occurrence.id, occurrence.at
        )
    sentence = wording.why_not(
        record_name, automation.name, explanation, words.subject(occurrence.subject), words
    )
    shown = chips(explanation, occurrence.subject, words)
    return WhyNotAnswer(sentence, occurrence.id, occurrence.at, chips=shown)


def _listened_to_another(
    automation: Automation, version: PublishedVersion, spans: Sequence[Listening], occurrence: Occurrence
) -> WhyNotAnswer:
    kind = SUBJECTS[version.rule.subject]
    wanted = _heard(occurrence)
    later = [
        span
        for span in spans
        if span.from_ruleset > occurrence.ruleset and (span.subject, span.trigger) in wanted
    ]
    began = f"{automation.name} was version {version.number} then, which starts when {_a(kind.label)}"
    since = " It has watched this change since {since}." if later else ""
    sentence = f"{began}{kind.triggers[version.rule.trigger.key].phrase}.{since}"
    return WhyNotAnswer(sentence, occurrence.id, occurrence.at, since=later[0].started_at if later else None)


def _heard(occurrence: Occurrence) -> list[tuple[str, str]]:
    """Return the triggers by which a version hears of this occurrence."""
    return [(occurrence.subject, key) for key in listening_triggers(occurrence.trigger, occurrence.changed)]


def _was_not_listening(
    automation: Automation,
    spans: Sequence[Listening],
    occurrence: Occurrence,
    trigger: str,
) -> WhyNotAnswer:
    change = f"the latest “{trigger}” of this record"
    earlier = [span for span in spans if span.until_ruleset <= occurrence.ruleset]
    later = [span for span in spans if span.from_ruleset > occurrence.ruleset]
    if not earlier and later:
        sentence = f"{automation.name} was published after {change}, on {{since}}."
        return WhyNotAnswer(sentence, occurrence.id, occurrence.at, since=later[0].started_at)
    ended = earlier[-1].ended_at if earlier else None
    since = " since {since}" if ended else ""
    again = "; it is on again now" if automation.active_version_id else ""
    sentence = f"{automation.name} was off{since} when {change} happened{again}."
    return WhyNotAnswer(sentence, occurrence.id, occurrence.at, since=ended)


def _ran(session: Session, automation: Automation, subject: str, record_id: int) -> Occurrence | None:
    of_record = sa.and_(
        Occurrence.store_id == automation.store_id,
        Occurrence.subject == subject,
        Occurrence.record_id == record_id,
    )
    by_automation = sa.and_(
        Evaluation.occurrence_id == Occurrence.id, Evaluation.automation_id == automation.id
    )
    fired = (
        sa.select(Occurrence).join(Evaluation, by_automation).where(of_record, Evaluation.outcome == "fired")
    )
    return session.scalars(fired.order_by(Occurrence.id.desc()).limit(1)).first()


def _latest(session: Session, store: Store, version: Version, record_id: int) -> Occurrence | None:
    in_subject = sa.and_(Occurrence.store_id == store.id, Occurrence.subject == version.subject)
    query = sa.select(Occurrence).where(in_subject, Occurrence.record_id == record_id)
    wanted = query.where(Occurrence.trigger.in_(occurrence_triggers(version.trigger))).order_by(
        Occurrence.id.desc()
    )
    if version.trigger in TIMED:
        due = sa.and_(Due.occurrence_id == Occurrence.id, Due.automation_id == version.automation_id)
        wanted = wanted.where(sa.select(Due.id).where(due).exists())
    heard = session.scalars(wanted.limit(LOOKED_BACK))
    return next(
        (
            occurrence
            for occurrence in heard
            if version.trigger in listening_triggers(occurrence.trigger, occurrence.changed)
        ),
        None,
    )


def _spans(automation: Automation) -> sa.Select[Listening]:
    versions = sa.select(Version.id).where(Version.automation_id == automation.id, ~Version.shadow)
    return sa.select(Listening).where(Listening.version_id.in_(versions)).order_by(Listening.from_ruleset)


def _a(label: str) -> str:
    return f"{'an' if label[0] in 'AEIOU' else 'a'} {label.lower()}"

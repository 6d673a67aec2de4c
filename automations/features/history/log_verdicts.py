"""The verdicts of automations on occurrences: those stored and those computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.explain.explanation import Explanation
from automations.features.figures import outcomes
from automations.features.figures.outcomes import Badge
from automations.features.history.condition_chips import chips
from automations.features.history.listeners import (
    LOOKED_AT,
    LOOKED_AT_ALONE,
    Listeners,
    OccurrenceToExplain,
    PublishedVersion,
    nearest_first,
    published,
)
from automations.features.history.log_entries import (
    ERROR,
    NOT_APPLICABLE,
    Chip,
    LogEntry,
    RunLine,
    VerdictLine,
)
from automations.features.history.log_phrases import OTHER_BADGES, entry_of, fired_badge
from automations.features.history.run_lines import brief_runs_of, runs_of
from automations.models.settings.choices import StoreWords
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import CANCELLED, SKIPPED
from automations.models.tables.schedule_progress import SCHEDULED
from automations.models.tables.shadow import SHADOW, SHADOW_ERROR
from automations.pipeline.evaluation import action_timing

#: Nearest misses of an occurrence that are shown by default.
NEAREST = 3
FIRED = "fired"
#: The outcomes a reader may filter by.
OUTCOMES = (FIRED, *outcomes.SERIES, NOT_APPLICABLE)


def entries_of(
    session: Session,
    words: StoreWords,
    occurrences: Sequence[Occurrence],
    outcome: str | None = None,
    nearest: int = NEAREST,
    versions: Collection[int] | None = None,
    brief: bool = False,
) -> list[LogEntry]:
    """Return the occurrences with their verdicts, in the order given; six queries, however many there are.

    `outcome` keeps only verdicts of that kind, and the occurrences that have one. `nearest` is how many of
    the automations that did not apply are shown, nearest misses first; `versions` limits which ones are
    considered for that. In `brief`, what fired comes without its conditions, and its runs as `brief_runs_of`
    returns them.
    """
    stored = _stored(session, [occurrence.id for occurrence in occurrences])
    computes = outcome in (None, NOT_APPLICABLE)
    missed = _missed(session, words.store_id, occurrences, stored, versions) if computes else {}
    most = min(nearest, LOOKED_AT_ALONE) if nearest > NEAREST else LOOKED_AT * bool(nearest)
    looked_at = {id: others[:most] for id, others in missed.items()}
    if outcome == NOT_APPLICABLE:
        # An automation that did not apply leaves no row.
        stored = {}
    evaluation_ids = [evaluation.id for evaluations in stored.values() for evaluation in evaluations]
    runs = (brief_runs_of if brief else runs_of)(session, evaluation_ids)
    needed = {evaluation.version_id for evaluations in stored.values() for evaluation in evaluations}
    rules = published(session, needed.union(*looked_at.values()), words)
    entries = []
    for occurrence in occurrences:
        others = [rules[id] for id in looked_at.get(occurrence.id, ())]
        if outcome == NOT_APPLICABLE and not others:
            continue
        moment = OccurrenceToExplain(occurrence, words.custom_ever(occurrence.subject))
        told = words.as_then(occurrence.snapshot)
        explains = None if brief else moment
        from_rows = _stored_verdicts(occurrence, explains, stored.get(occurrence.id, ()), rules, runs, told)
        computed = _computed(occurrence, moment, others, told, nearest)
        verdicts = [verdict for verdict in (*from_rows, *computed) if is_wanted(verdict, outcome or "")]
        if outcome and not verdicts:
            continue
        more = len(missed.get(occurrence.id, ())) - len(computed)
        entries.append(entry_of(occurrence, told, tuple(verdicts), more))
    return entries


def _stored(session: Session, occurrence_ids: Collection[int]) -> Mapping[int, list[Evaluation]]:
    by_occurrence: dict[int, list[Evaluation]] = defaultdict(list)
    if occurrence_ids:
        query = sa.select(Evaluation).where(Evaluation.occurrence_id.in_(occurrence_ids))
        for evaluation in session.scalars(query.order_by(Evaluation.id)):
            by_occurrence[evaluation.occurrence_id].append(evaluation)
    return by_occurrence


def _missed(
    session: Session,
    store_id: int,
    occurrences: Sequence[Occurrence],
    stored: Mapping[int, list[Evaluation]],
    versions: Collection[int] | None,
) -> dict[int, list[int]]:
    """Return the versions that listened and left no row, by occurrence id."""
    listeners = Listeners(session, store_id, occurrences)
    missed = {}
    for occurrence in occurrences:
        rows = {evaluation.version_id for evaluation in stored.get(occurrence.id, ())}
        listening = [id for id in listeners.of(occurrence) if versions is None or id in versions]
        missed[occurrence.id] = [id for id in listening if id not in rows]
    return missed


def _stored_verdicts(
    occurrence: Occurrence,
    moment: OccurrenceToExplain | None,
    evaluations: Sequence[Evaluation],
    rules: Mapping[int, PublishedVersion],
    runs: Mapping[int, tuple[RunLine, ...]],
    words: StoreWords,
) -> list[VerdictLine]:
    return [
        _stored_verdict(
            evaluation,
            moment,
            rules[evaluation.version_id],
            runs.get(evaluation.id, ()),
            words,
            occurrence,
        )
        for evaluation in evaluations
    ]


def _stored_verdict(
    evaluation: Evaluation,
    moment: OccurrenceToExplain | None,
    version: PublishedVersion,
    lines: tuple[RunLine, ...],
    words: StoreWords,
    occurrence: Occurrence,
) -> VerdictLine:
    try:
        conditions = chips(moment.explain(version.rule), version.rule.subject, words) if moment else ()
    except ValueError:
        conditions = ()
    badge = OTHER_BADGES.get(evaluation.outcome) or fired_badge(lines)
    return VerdictLine(
        automation_id=version.automation_id,
        name=version.name,
        version=version.number,
        outcome=evaluation.outcome,
        badge=badge,
        became=outcomes.worst(line.outcome for line in lines) if evaluation.outcome == FIRED else "",
        chips=conditions,
        runs=tuple(_named(line, version, occurrence, words) for line in lines),
        error=evaluation.error or "",
        is_told_once=occurrence.trigger == SCHEDULED and evaluation.outcome in (ERROR, SHADOW_ERROR),
        would=version.summaries if evaluation.outcome == SHADOW else (),
        evaluation_id=evaluation.id,
        shadow=version.shadow,
    )


def _named(line: RunLine, version: PublishedVersion, occurrence: Occurrence, words: StoreWords) -> RunLine:
    """Return the line labelled by its action; alerts to managers come after all actions and keep their own
    label. What left at once, because its time was over, says so.
    """
    if line.position >= len(version.summaries):
        return line
    label, timing = version.summaries[line.position], version.timings[line.position]
    fields, when = words.subject(occurrence.subject).fields, (occurrence.at, words.zone, words.formats)
    over = action_timing.at_once_words(timing, fields, occurrence.snapshot, *when)
    done = line.state not in (SKIPPED, CANCELLED)
    reason = " ".join(filter(None, (over if done else "", line.reason)))
    return replace(line, label=label, reason=reason)


def _computed(
    occurrence: Occurrence,
    moment: OccurrenceToExplain,
    versions: Sequence[PublishedVersion],
    words: StoreWords,
    nearest: int,
) -> list[VerdictLine]:
    """Return the nearest misses, each with its conditions in words."""
    explained: list[tuple[PublishedVersion, Explanation]] = []
    broken: list[VerdictLine] = []
    for version in versions:
        try:
            explained.append((version, moment.explain(version.rule)))
        except ValueError as problem:
            broken.append(_other(version, OTHER_BADGES[ERROR], error=str(problem)))
    best = nearest_first(explained)[: max(0, nearest - len(broken))]
    subject = occurrence.subject
    return broken[:nearest] + [
        _other(version, OTHER_BADGES[NOT_APPLICABLE], conditions=chips(explanation, subject, words))
        for version, explanation in best
    ]


def _other(
    version: PublishedVersion, badge: Badge, error: str = "", conditions: tuple[Chip, ...] = ()
) -> VerdictLine:
    outcome = ERROR if error else NOT_APPLICABLE
    whose = (version.automation_id, version.name, version.number)
    return VerdictLine(*whose, outcome, badge, chips=conditions, error=error, shadow=version.shadow)


def is_wanted(verdict: VerdictLine, outcome: str) -> bool:
    """Return whether a verdict passes the filter by outcome; "" means no filter."""
    return outcome in ("", verdict.outcome, verdict.became, outcomes.series_of(verdict.became))

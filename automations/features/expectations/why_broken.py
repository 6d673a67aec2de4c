"""Why a firing broke an expectation: what was sent too often, or what kept each automation from sending."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.engine.operators.value_types import counted
from automations.features.expectations.follow import Follow, automation_ids
from automations.features.expectations.judging import Broken, Sent
from automations.features.figures.outcomes import WORDS, WORST_LAST, standing_of_run
from automations.features.figures.standings import rank_of_success
from automations.features.history import why_not
from automations.features.history.listeners import (
    LOOKED_AT,
    Listeners,
    OccurrenceToExplain,
    PublishedVersion,
    nearest_first,
    published,
)
from automations.features.history.log_phrases import OTHER_BADGES, RUN_BADGES, record_words
from automations.models.settings.choices import StoreWords
from automations.models.tables.automation import Automation, Version
from automations.models.tables.occurrence import Evaluation, Occurrence
from automations.models.tables.run import KEPT_WORD, SUCCEEDED, Run
from automations.pipeline.providers.manager_alerts import BEHIND

#: The kinds of action that send something by a channel.
_SENDING: Mapping[str, tuple[str, ...]] = {
    "email": ("send_email", "send_marketing"),
    "sms": ("send_sms", "send_marketing"),
    "message": ("send_email", "send_sms", "send_marketing"),
}
NOBODY = "No automation that could have sent it watches this change."


@dataclass(frozen=True, slots=True)
class Reason:
    """One reason: about an automation or, with `automation_id` empty, about none."""

    text: str
    automation_id: int | None = None
    automation: str = ""
    #: What was sent, and nothing that kept it from being sent.
    sent: Sent | None = None

    @property
    def became(self) -> str:
        """ "sent", "kept here" or "done"; "" of what was kept from being sent."""
        return WORDS[self.sent.outcome].word.lower() if self.sent else ""


@dataclass(frozen=True, slots=True)
class BrokenRecord:
    """A firing that broke it, with the name of its record and the reasons."""

    occurrence_id: int
    record_id: int
    record: str
    number: str
    occurrence: Occurrence
    reasons: tuple[Reason, ...]

    @property
    def followed(self) -> str:
        """What became of that which followed: "2 were sent, 1 was kept here"; "" if nothing did."""
        counts = Counter(reason.became for reason in self.reasons if reason.sent)
        return ", ".join(
            f"{counted(count)} {'was' if count == 1 else 'were'} {became}" for became, count in counts.items()
        )

    @property
    def is_mixed(self) -> bool:
        """Whether some of what followed became something else than the rest."""
        return len({reason.became for reason in self.reasons}) > 1


def explained(
    session: Session, words: StoreWords, follow: Follow, broken: Sequence[Broken]
) -> list[BrokenRecord]:
    """Return the broken firings with their reasons, in the order given."""
    ids = [one.firing.occurrence_id for one in broken]
    rows = {row.id: row for row in session.scalars(sa.select(Occurrence).where(Occurrence.id.in_(ids)))}
    asked = _Asked(session, words, follow, list(rows.values()))
    return [
        _record(one, rows[one.firing.occurrence_id], asked)
        for one in broken
        if one.firing.occurrence_id in rows
    ]


def _record(one: Broken, row: Occurrence, asked: _Asked) -> BrokenRecord:
    reasons = asked.too_many(one.sent) if one.sent else asked.too_few(row)
    name, number = record_words(row.subject, row.snapshot), str(row.snapshot.get("number", ""))
    return BrokenRecord(row.id, row.record_id, name, number, row, tuple(reasons))


class _Asked:
    """Asks the log about several occurrences of one expectation."""

    def __init__(
        self, session: Session, words: StoreWords, follow: Follow, occurrences: Sequence[Occurrence]
    ) -> None:
        self._session, self._words, self._follow = session, words, follow
        self._whose = automation_ids(session, words.store_id, follow.whose)
        self._evaluations = self._read_evaluations([row.id for row in occurrences])
        self._listeners = Listeners(session, words.store_id, occurrences)
        listening = {id for row in occurrences for id in self._listeners.of(row)}
        self._versions = published(session, listening, words)
        self._able = self._able_to_send(listening)
        self._automations: dict[int, Automation] = {}
        self._history = why_not.Published(session, words)

    def too_many(self, sent: Sequence[Sent]) -> list[Reason]:
        """Return what was sent, each with its automation."""
        return [Reason("", one.automation_id, self._automation(one.automation_id).name, one) for one in sent]

    def too_few(self, row: Occurrence) -> list[Reason]:
        """Return what kept it from being sent: of what fired each reason, else the nearest that did not."""
        fired = [reason for each in self._evaluations[row.id] for reason in self._of_evaluation(each)]
        return fired or [self._of_nearest(row)]

    def _of_evaluation(self, evaluation: Evaluation) -> list[Reason]:
        automation = self._automation(evaluation.automation_id)
        about = (automation.id, automation.name)
        badge = OTHER_BADGES.get(evaluation.outcome)
        if badge:
            error = (evaluation.error or "").rstrip(".")
            return [Reason(f"{badge.word}: {error}." if error else f"{badge.word}.", *about)]
        wanted = sa.select(Run).where(Run.evaluation_id == evaluation.id, Run.position < BEHIND)
        runs = self._session.scalars(wanted.order_by(Run.position)).all()
        return [
            Reason(self._run_words(run), *about)
            for run in runs
            if run.kind in _SENDING.get(self._follow.what, (run.kind,))
        ]

    def _run_words(self, run: Run) -> str:
        stands = standing_of_run(run.state, run.reason, run.tries)
        if stands == SUCCEEDED:
            became = self._session.scalar(sa.select(rank_of_success()).where(Run.id == run.id)) or 0
            return f"{WORDS[WORST_LAST[became]].word} after its time."
        reason = (run.reason or "").removeprefix(KEPT_WORD).rstrip(".")
        word = RUN_BADGES[stands].word
        return f"{word}: {reason[:1].lower()}{reason[1:]}." if reason else f"{word}."

    def _of_nearest(self, row: Occurrence) -> Reason:
        automation = self._nearest(row)
        if automation is None:
            return Reason(NOBODY)
        name = record_words(row.subject, row.snapshot)
        answer = why_not.about(self._history, self._words, automation, row, name)
        since = self._words.formats.moment(self._words.local(answer.since)) if answer.since else ""
        said = answer.sentence.replace("{since}", since).removeprefix(f"{name} · ")
        text = said.removeprefix(f"{automation.name} ")
        return Reason(f"{text[:1].upper()}{text[1:]}", automation.id, automation.name)

    def _nearest(self, row: Occurrence) -> Automation | None:
        """Return the automation that came nearest to sending it, of those that count."""
        listening = [self._versions[id] for id in self._listeners.of(row) if id in self._able][:LOOKED_AT]
        moment, judged = OccurrenceToExplain(row, self._words.custom_ever(row.subject)), []
        for version in listening:
            try:
                judged.append((version, moment.explain(version.rule)))
            except ValueError:
                return self._automation(version.automation_id)
        if judged:
            return self._automation(nearest_first(judged)[0][0].automation_id)
        return self._automation(min(self._whose)) if self._whose else None

    def _able_to_send(self, listening: set[int]) -> set[int]:
        query = sa.select(Version.id, Version.definition).where(Version.id.in_(listening))
        able = {id for id, definition in self._session.execute(query) if self._sends(definition)}
        return {id for id in able if self._counts(self._versions[id])}

    def _counts(self, version: PublishedVersion) -> bool:
        return not version.shadow and (self._whose is None or version.automation_id in self._whose)

    def _sends(self, definition: Mapping[str, list[Mapping[str, str]]]) -> bool:
        kinds = _SENDING.get(self._follow.what)
        return kinds is None or any(action["kind"] in kinds for action in definition["actions"])

    def _read_evaluations(self, occurrence_ids: Sequence[int]) -> Mapping[int, list[Evaluation]]:
        found: dict[int, list[Evaluation]] = defaultdict(list)
        query = sa.select(Evaluation).where(Evaluation.occurrence_id.in_(occurrence_ids))
        for row in self._session.scalars(query.order_by(Evaluation.id)):
            if self._whose is None or row.automation_id in self._whose:
                found[row.occurrence_id].append(row)
        return found

    def _automation(self, id: int) -> Automation:
        if id not in self._automations:
            self._automations[id] = self._session.get_one(Automation, id)
        return self._automations[id]

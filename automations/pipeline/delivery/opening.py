"""Opens claimed runs: renders their messages, or says why there is nothing to send. Part of: perform."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared import empty_fields
from automations.actions.shared.action_kind import INSIDE, Prepared, Skipped
from automations.connectors.connector_set import Connectors
from automations.connectors.secret_encryption import SecretBox
from automations.models.access.api_authentication import current_store
from automations.models.settings import call_limits, providers
from automations.models.settings.call_limits import CallLimits
from automations.models.settings.choices import StoreWords
from automations.models.tables.store import Store
from automations.pipeline.delivery import closed_endpoints, earlier_changes, may_send, still_missing
from automations.pipeline.delivery.attempts import OpenedRun
from automations.pipeline.delivery.closed_endpoints import Address
from automations.pipeline.delivery.previous_responses import NotYet, answers_for
from automations.pipeline.evaluation.consent import MARKETING, with_consent
from automations.pipeline.intake.vocabulary_cache import words_of
from automations.pipeline.providers.action_context import Team, situation_for, team_of
from automations.pipeline.providers.store_connectors import connectors_for
from automations.pipeline.records import current_records
from automations.pipeline.runs import claimed_run
from automations.pipeline.runs.claimed_run import ClaimedRun, EarlierAttempt, Part, RunOutcome

UNANSWERED = "The program stopped after this was handed over and before an answer came."

Clock = Callable[[], dt.datetime]


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the runs of one store need: its words, its people, its providers and their limits."""

    store: Store
    words: StoreWords
    team: Team
    connectors: Connectors
    limits: CallLimits


@dataclass(slots=True)
class Opener:
    """Opens the runs of one workflow; what their stores need is read once."""

    box: SecretBox
    clock: Clock
    stores: dict[int, Surroundings] = field(default_factory=dict)

    def open_all(self, session: Session, runs: Sequence[ClaimedRun]) -> list[OpenedRun | RunOutcome]:
        """Return the runs ready to be sent, or the outcomes of those of which there is nothing to send."""
        closed = closed_endpoints.closed_among(session, runs)
        return [self._open(session, run, closed) for run in runs]

    def _open(self, session: Session, run: ClaimedRun, closed: Collection[Address]) -> OpenedRun | RunOutcome:
        if run.kind not in ACTIONS:
            return claimed_run.failed(
                run, f"This version of the program does not know the action “{run.kind}”."
            )
        try:
            surroundings = self._surroundings(session, run.store_id)
            may_send.is_wanted(session, run, closed)
            run, prepared = _prepare(session, run, surroundings, self.clock)
            earlier, connectors = run.earlier, surroundings.connectors
            parts = [
                _part(place, message, connectors, earlier.get(place)) for place, message in prepared.items()
            ]
            return OpenedRun(run, parts, connectors)
        except Skipped as skipped:
            return claimed_run.skipped(run, skipped.reason)
        except NotYet as not_yet:
            return claimed_run.released(run, not_yet.seconds, not_yet.reason)

    def _surroundings(self, session: Session, store_id: int) -> Surroundings:
        if store_id not in self.stores:
            self.stores[store_id] = _store(session, store_id, self.box, self.clock())
        return self.stores[store_id]


def _store(session: Session, store_id: int, box: SecretBox, now: dt.datetime) -> Surroundings:
    # A store attached to a session would be read again after the transaction of each attempt.
    store = current_store(session, store_id)
    connections = providers.by_kind(session, store_id)
    connectors = connectors_for(session, store_id, box, now, connections)
    http = connections.get(providers.HTTP)
    limits = call_limits.of_settings(http.settings if http else None)
    return Surroundings(store, words_of(session, store), team_of(session, store_id), connectors, limits)


def _prepare(
    session: Session, run: ClaimedRun, surroundings: Surroundings, clock: Clock
) -> tuple[ClaimedRun, dict[int, Prepared]]:
    """Return the messages by their place: as rendered at the first try, or rendered now.

    Beside them the run, with what is left of its earlier tries once it was asked anew who is to get it.
    """
    if not run.earlier:
        return run, dict(enumerate(_render(session, run, surroundings, clock)))
    rendered = _as_of_now(session, run, surroundings, clock) if still_missing.may_be_asked(run) else []
    if rendered:
        return still_missing.asked_anew(run, rendered)
    begun = {place: Prepared.from_data(run.earlier[place].prepared) for place in run.earlier}
    return run, dict(sorted((_not_begun(session, run, surroundings, clock) | begun).items()))


def _as_of_now(session: Session, run: ClaimedRun, surroundings: Surroundings, clock: Clock) -> list[Prepared]:
    """Return the messages for the record as it is now, if it is still about the same person."""
    present = current_records.present(session, run.subject, surroundings.store, run.record_id)
    if present and _person(present.snapshot) == _person(run.snapshot):
        run = replace(run, snapshot=present.snapshot)
    try:
        return _render(session, run, surroundings, clock)
    except Skipped:
        return []


def _person(snapshot: Mapping[str, Any]) -> object:
    return (snapshot.get("customer") or {}).get("id")


def _not_begun(
    session: Session, run: ClaimedRun, surroundings: Surroundings, clock: Clock
) -> dict[int, Prepared]:
    """Return the messages that stay inside and were not stored when a worker died after those that left.

    Only what leaves has an attempt before the run is settled. Counted from those alone, a message that left
    would take the place of another, and with it another key, and leave again. What stays inside comes first.
    """
    if 0 in run.earlier:
        return {}
    try:
        rendered = enumerate(_render(session, run, surroundings, clock))
    except Skipped:
        return {}
    connectors = surroundings.connectors
    return {
        place: message
        for place, message in rendered
        if message.channel == INSIDE or not connectors.of(message.channel).outside
    }


def _render(session: Session, run: ClaimedRun, surroundings: Surroundings, clock: Clock) -> list[Prepared]:
    if run.prepared:
        return [Prepared.from_data(message) for message in run.prepared]
    answers = answers_for(session, run.evaluation_id, run.settings, clock())
    snapshot = earlier_changes.snapshot_for(session, run, surroundings.store, clock())
    record = (run.subject, snapshot, answers, surroundings.team)
    situation = situation_for(session, surroundings.store, surroundings.words, *record)
    if run.kind in MARKETING:
        situation = with_consent(session, situation, surroundings.store, snapshot)
    prepared, _ = empty_fields.prepare(ACTIONS[run.kind], run.settings, situation, run.skip_when_empty)
    return prepared


def _part(place: int, message: Prepared, connectors: Connectors, earlier: EarlierAttempt | None) -> Part:
    """Return one message as a part: sent at an earlier try, uncertain, or to be sent.

    A part begun and never answered is uncertain, unless its key makes a second try safe. A part inside our
    database counts as sent here: `settle` writes its effect, or the reason why it could not.
    """
    data = message.to_data()
    connector = INSIDE if message.channel == INSIDE else connectors.of(message.channel).key
    if earlier and earlier.result in claimed_run.LEFT:
        return Part(place, earlier.result, earlier.detail, data, connector, earlier.provider_id, kept=True)
    if message.channel == INSIDE:
        return Part(place, claimed_run.SENT, "", data, connector)
    begun = earlier is not None and earlier.result in (claimed_run.STARTED, claimed_run.UNCERTAIN)
    if earlier and begun and not connectors.of(message.channel).keyed:
        return Part(place, claimed_run.UNCERTAIN, earlier.detail or UNANSWERED, data, connector, kept=True)
    return Part(place, claimed_run.STARTED, "", data, connector)

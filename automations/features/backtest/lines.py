"""The rows of a backtest as sentences: who, whether, and the fact that decides. Nothing of it is kept."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session

from automations.actions import ACTIONS
from automations.actions.shared.action_kind import CHAT, EMAIL, HTTP, SMS
from automations.engine.explain.explanation import explain
from automations.engine.fields.problem import lower
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts
from automations.engine.rules.rule import Rule, rule_from
from automations.engine.wording.wording import joined
from automations.features.backtest import deciding
from automations.features.backtest.deciding import RuleVerdict
from automations.features.history.listeners import OccurrenceToExplain
from automations.features.past.firings import Firing, is_timed
from automations.features.trial.trial import TrialStep, steps_at
from automations.models.settings.choices import StoreWords
from automations.models.tables.backtest import GAINED, LOST, SAME, Backtest
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working
from automations.pipeline.providers.action_context import Team, team_of
from automations.pipeline.records.evaluation_context import listening_triggers
from automations.pipeline.records.purchase_totals import PurchaseHistory
from automations.pipeline.records.snapshots import in_currency_of

DRAFT = "the draft"
GONE = "Its entry in the log is deleted, so nothing more is known."
#: By fate, what the draft does: first if it would contact the customer, else if not.
_VERBS: Mapping[str, tuple[str, str]] = {
    GAINED: ("would now get it", "would now make it fire"),
    LOST: ("would no longer get it", "would no longer make it fire"),
    SAME: ("would get it as before", "would make it fire as before"),
    "": ("would have got it", "would have made it fire"),
}
_CHANNELS: Mapping[str, str] = {
    EMAIL: "email",
    SMS: "text message",
    HTTP: "a request",
    CHAT: "a chat message",
}
_CREATE = "Create "


@dataclass(frozen=True, slots=True)
class Line:
    """One firing in words; `number` is empty if its occurrence is deleted."""

    firing: Firing
    fate: str
    #: What stands in bold, "#1049", and the rest of the sentence.
    number: str
    text: str
    #: What the actions would have done.
    also: str
    subject: str = ""
    record_number: str = ""


@dataclass(frozen=True, slots=True)
class Messages:
    """What one of the two would have done with the chosen record."""

    heading: str
    steps: tuple[TrialStep, ...]
    #: What the other one would have done, as a sentence.
    note: str
    #: The other one's actions, where they differ.
    others: tuple[TrialStep, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """A firing with its occurrence, and the record as it was then."""

    firing: Firing
    occurrence: Occurrence
    snapshot: Mapping[str, Any]


@dataclass(frozen=True)
class Teller:
    """Tells the rows of one backtest; it reads what they share once."""

    session: Session
    store: Store
    words: StoreWords
    backtest: Backtest
    _team: list[Team] = field(default_factory=list)

    @property
    def draft(self) -> Rule:
        return rule_from(0, self.backtest.draft)

    @property
    def live(self) -> Rule | None:
        version = self.backtest.version
        return rule_from(version.id, version.definition) if version else None

    @property
    def live_name(self) -> str:
        """Return what people call the live version: "version 2"."""
        return f"version {self.backtest.version.number}" if self.backtest.version else ""

    def lines(self, fate: str, firings: Sequence[Firing]) -> list[Line]:
        """Return the firings of one fate in words, in their order."""
        return [
            self._line(fate, seen) if seen else Line(firing, fate, "", GONE, "")
            for firing, seen in zip(firings, self._seen(firings), strict=True)
        ]

    def messages(self, fate: str, firing: Firing) -> Messages | None:
        """Return what would have been done with one of them; None if its occurrence is deleted."""
        (seen,) = self._seen([firing])
        if seen is None:
            return None
        who = _name_of(seen)[0]
        live = self._steps(self._live_data, seen) if self.backtest.version else ()
        if fate == LOST:
            why = deciding.failure(self._judged(DRAFT, self.draft, seen), *self._subject)
            note = f"The draft would have done nothing: {why}."
            return Messages(f"What {who} would no longer get", live, note)
        steps = self._steps(self.backtest.draft, seen)
        heading = f"What {who} would have got"
        if self.live is None:
            return Messages(heading, steps, "")
        named = self.live_name[:1].upper() + self.live_name[1:]
        if fate == GAINED:
            why = deciding.failure(self._judged(self.live_name, self.live, seen), *self._subject)
            return Messages(heading, steps, f"{named} would have done nothing: {why}.")
        if live == steps:
            return Messages(heading, steps, f"{named} would have done exactly the same.")
        return Messages(heading, steps, f"{named} would have done this instead:", live)

    @property
    def _subject(self) -> tuple[Any, StoreWords]:
        return self.words.subject(self.backtest.draft["subject"]), self.words

    @property
    def _live_data(self) -> Mapping[str, Any]:
        version = self.backtest.version
        data: Mapping[str, Any] = version.definition if version else self.backtest.draft
        return data

    @property
    def _is_timed(self) -> bool:
        return is_timed(self.draft) or (self.live is not None and is_timed(self.live))

    def _seen(self, firings: Sequence[Firing]) -> list[Seen | None]:
        """Return the firings with their occurrences; None in place of one that is deleted."""
        wanted = Occurrence.id.in_({firing.occurrence_id for firing in firings})
        query = sa.select(Occurrence).where(Occurrence.store_id == self.store.id, wanted)
        rows = {row.id: row for row in self.session.scalars(query)} if firings else {}
        # The session would keep them, and all the snapshots of a long backtest do not fit in memory.
        for row in rows.values():
            self.session.expunge(row)
        return [
            Seen(firing, row, self._then(row, firing.at)) if row else None
            for firing, row in ((firing, rows.get(firing.occurrence_id)) for firing in firings)
        ]

    def _then(self, row: Occurrence, at: dt.datetime) -> Mapping[str, Any]:
        """Return the record as it was: for a time trigger with what its customer had become by then."""
        snapshot: Mapping[str, Any] = row.snapshot
        if not self._is_timed:
            return snapshot
        if row.subject == "customer":
            history = PurchaseHistory.read(self.session, self.store, [row.record_id])
            return {**snapshot, **history.at(row.record_id, at)}
        customer_id = (snapshot.get("customer") or {}).get("id")
        newer = sa.and_(Occurrence.record_id == customer_id, Occurrence.id > row.id, Occurrence.at <= at)
        of_customer = sa.and_(Occurrence.store_id == self.store.id, Occurrence.subject == "customer", newer)
        query = sa.select(Occurrence.snapshot).where(of_customer).order_by(Occurrence.id.desc()).limit(1)
        customer = self.session.scalar(query) if customer_id else None
        return {**snapshot, "customer": customer} if customer else snapshot

    def _line(self, fate: str, seen: Seen) -> Line:
        number, name = _name_of(seen)
        data = self._live_data if fate == LOST else self.backtest.draft
        verbs = _VERBS[fate if self.backtest.version else ""]
        text = f"{name} {verbs[not _contacts(data)]}: {self._why(fate, seen)}.".strip()
        record = (seen.occurrence.subject, str(seen.snapshot.get("number", "")))
        return Line(seen.firing, fate, number, text, told(self._steps(data, seen)), *record)

    def _why(self, fate: str, seen: Seen) -> str:
        draft = self._judged(DRAFT, self.draft, seen)
        if self.live is None or fate == SAME:
            return deciding.why_still(draft, self.live, *self._subject)
        live = self._judged(self.live_name, self.live, seen)
        if fate == GAINED:
            return deciding.why_only(draft, live, *self._subject)
        return deciding.why_no_longer(draft, live, *self._subject)

    def _judged(self, name: str, rule: Rule, seen: Seen) -> RuleVerdict:
        """Return what a rule made of it: an explanation, or why it did not look at it."""
        occurrence = seen.occurrence
        if rule.subject != occurrence.subject:
            about = self.words.subject(rule.subject).plural.lower()
            return RuleVerdict(name, None, f"{name} is about {about}")
        custom = self.words.custom_ever(rule.subject)
        try:
            if is_timed(rule):
                facts = self._facts(rule, seen).read(rule.fields, custom)
                return RuleVerdict(name, explain(rule, facts, custom))
            listens = rule.trigger.key in listening_triggers(occurrence.trigger, occurrence.changed)
            if is_timed(self.draft) or not listens:
                kind = self.words.subject(rule.subject).triggers.get(rule.trigger.key)
                label = lower(kind.label) if kind else rule.trigger.key
                return RuleVerdict(name, None, f"{name} waits for something else: {label}")
            return RuleVerdict(
                name, OccurrenceToExplain(occurrence, custom, self.words.currency).explain(rule)
            )
        except ValueError as error:
            return RuleVerdict(name, None, _lower_first(str(error)).rstrip("."))

    def _facts(self, rule: Rule, seen: Seen) -> OccurrenceFacts:
        """Return what a rule with a time trigger asks at that moment."""
        zone, at = ZoneInfo(self.store.timezone), seen.firing.at
        context = EvaluationContext(at.astimezone(zone), is_working(at, zone, self.store.working_hours))
        snapshot = in_currency_of(seen.snapshot, self.words.currency)
        return OccurrenceFacts(rule.subject, rule.trigger.key, snapshot, context=context)

    def _steps(self, data: Mapping[str, Any], seen: Seen) -> tuple[TrialStep, ...]:
        if not self._team:
            self._team.append(team_of(self.session, self.store.id))
        about = (self.session, self.store, self.words, data, seen.snapshot, seen.firing.at)
        return steps_at(*about, team=self._team[0])


def told(steps: Sequence[TrialStep]) -> str:
    """Return what actions would have done in one line: "Email to anna@hotel.example, a request"."""
    phrases = [_phrase(step) for step in steps]
    line = "; ".join(phrases) if any(step.skipped for step in steps) else ", ".join(phrases)
    return line[:1].upper() + line[1:]


def _phrase(step: TrialStep) -> str:
    if step.unfinished:
        return f"{lower(step.label)}: not finished"
    if step.skipped:
        return f"no {lower(step.label).removeprefix('send ')}: {_lower_first(step.skipped).rstrip('.')}"
    channels = {message.channel for message in step.messages}
    channel = channels.pop() if len(channels) == 1 else ""
    if channel in (EMAIL, SMS):
        return f"{_CHANNELS[channel]} to {joined([message.to for message in step.messages])}"
    label = f"a {step.label.removeprefix(_CREATE)}" if step.label.startswith(_CREATE) else lower(step.label)
    return _CHANNELS.get(channel, label)


def _contacts(data: Mapping[str, Any]) -> bool:
    kinds = [
        (ACTIONS.get(str(action.get("kind"))), action.get("settings") or {}) for action in data["actions"]
    ]
    return any(kind is not None and kind.contacts_customer(settings) for kind, settings in kinds)


def _name_of(seen: Seen) -> tuple[str, str]:
    """Return what stands in bold and the name behind it: ("#1049", "Bram Hollis")."""
    snapshot, subject = seen.snapshot, seen.occurrence.subject
    if subject == "customer":
        return str(snapshot.get("name") or f"Customer {snapshot.get('number', '')}"), ""
    number = str(snapshot.get("number", ""))
    name = str((snapshot.get("customer") or {}).get("name") or "")
    return f"#{number}" if subject == "order" else number, name


def _lower_first(text: str) -> str:
    return text[:1].lower() + text[1:]

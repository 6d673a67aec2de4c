"""Asking all due moments at once gives what judging each of them gives, whatever rules and records."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from zoneinfo import ZoneInfo

import sqlalchemy as sa
import time_machine
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from automations.engine.explain.explanation import explain
from automations.engine.rules.occurrence_facts import EvaluationContext, OccurrenceFacts
from automations.engine.rules.rule import Node, Rule, Trigger, node_from
from automations.features.past.funnel import funnel
from automations.features.past.period import Period
from automations.features.past.time_moments import DueMoment, due_moments, time_matches
from automations.models.db.base import db, write
from automations.models.settings.choices import StoreWords
from automations.models.tables.custom_field import fields_of
from automations.models.tables.customer import Customer
from automations.models.tables.occurrence import Occurrence
from automations.models.tables.order import Order
from automations.models.tables.store import Store
from automations.pipeline.evaluation.action_timing import is_working
from automations.pipeline.records.purchase_totals import PurchaseHistory
from automations.pipeline.records.snapshots import in_currency_of
from tests.features.past.recorded import add_own_fields, rows, rules_of
from tests.kit.past_time import every, stays, time_rule
from tests.kit.shop import condition
from tests.kit.time import reached
from tests.world import NOW

DAY = dt.timedelta(days=1)
PERIOD = Period(NOW - 12 * DAY, NOW, 12)
REPEATS = {"repeat_every": "1", "repeat_unit": "days", "repeat_times": "4"}
SCHEDULES: dict[str, list[tuple[str, dict[str, Any]]]] = {
    "order": [
        ("scheduled", every("day")),
        ("stays_in_status", stays("payment_status", "unpaid", 1, **REPEATS)),
        (
            "date_reached",
            reached("delivery_date", "before", 1) | {"late": "send", "late_within": "5", "late_unit": "days"},
        ),
    ],
    "customer": [("scheduled", every("week", weekday="friday")), ("scheduled", every("day"))],
}
#: Rows of a draft, some of which change with the clock, ask about the customer, or are groups.
ROWS: list[dict[str, Any]] = [
    condition("delivery_date", "within_next", "5"),
    condition("delivery_date", "is_tomorrow"),
    condition("placed_at", "exactly_ago", "1 month"),
    condition("delivery_date", "yearly_within_next", "1 weeks"),
    condition("now.weekday", "equals", "sunday"),
    condition("now.working_time", "equals", "yes"),
    condition("payment_status", "equals", "unpaid"),
    condition("total", "at_least", "20"),
    condition("customer.tags", "contains", "vip"),
    condition("note", "is_empty"),
]
LINES = {"match": "line", "lines": "any", "conditions": [condition("line.quantity", "greater_than", "1")]}
_settings = settings(
    max_examples=12,
    # Each example writes a log, so it costs too much to look for a smaller one.
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


@_settings
@given(st.data())
def test_what_would_have_fired_is_what_explain_says(bloom: Store, data: st.DataObject) -> None:
    """Also about dates and the clock, customers that changed, what was bought by then, and currencies."""
    _write(bloom, data)
    subject = data.draw(st.sampled_from(["order", "customer"]))
    key, schedule = data.draw(st.sampled_from(SCHEDULES[subject]))
    drawn = data.draw(rules_of(subject, "created"))
    rule = Rule(0, subject, time_rule(key, schedule, subject=subject).trigger, drawn.conditions)
    due = due_moments(db.session(), bloom, rule, PERIOD, PERIOD.until).moments
    expected, fired = [], set()
    for moment in due:
        once = (moment.record_id, moment.due_at)
        if once not in fired and _holds(bloom, moment, subject, rule.conditions) is True:
            fired.add(once)
            expected.append(moment)
    assert time_matches(db.session(), bloom, rule, PERIOD, PERIOD.until) == expected


@_settings
@given(st.data())
def test_each_row_of_a_draft_says_what_judging_each_moment_says(bloom: Store, data: st.DataObject) -> None:
    _write(bloom, data)
    key, schedule = data.draw(st.sampled_from(SCHEDULES["order"]))
    some = st.lists(st.sampled_from(ROWS), min_size=1, max_size=3)
    group = st.builds(
        lambda match, rows: {"match": match, "conditions": rows},
        st.sampled_from(["any", "all", "none"]),
        some,
    )
    conditions = data.draw(st.lists(st.sampled_from([*ROWS, LINES]) | group, max_size=4))
    trigger = {"key": key, "from": None, "to": None, "schedule": schedule}
    draft = {"subject": "order", "trigger": trigger, "conditions": conditions, "actions": []}
    with time_machine.travel(PERIOD.until, tick=False):
        counted = funnel(db.session(), bloom, StoreWords(db.session(), bloom), draft, PERIOD)
    rule = time_rule(key, schedule)
    moments = due_moments(db.session(), bloom, rule, PERIOD, PERIOD.until).moments
    assert counted.unjudged == ()
    steps = {step.path: (step.came, step.passed, step.errors, step.last_no) for step in counted.steps}
    assert steps == _judged(bloom, moments, conditions)


def _judged(store: Store, moments: Sequence[DueMoment], conditions: Sequence[Any]) -> dict[str, Any]:
    """Return of each row how many moments came, passed, could not be read, and the last it turned away."""
    steps: dict[str, list[Any]] = {"trigger": [0, 0, 0, None]}
    for path, _, _ in _rows(conditions):
        steps[path] = [0, 0, 0, None]
    fired: set[tuple[int, dt.datetime]] = set()
    for moment in moments:
        once = (moment.record_id, moment.due_at)
        if once in fired:
            continue
        steps["trigger"] = [steps["trigger"][0] + 1, steps["trigger"][1] + 1, 0, None]
        still = True
        for path, node, is_inside in _rows(conditions):
            if not still:
                # Inside a group every row is asked about all that came to the group.
                continue
            said = _holds(store, moment, "order", (node,))
            step = steps[path]
            step[0] += 1
            step[1] += said is True
            step[2] += said is None
            if said is False and moment.occurrence_id:
                step[3] = moment.occurrence_id
            still = is_inside or said is True
        if still:
            fired.add(once)
    return {path: tuple(step) for path, step in steps.items()}


def _rows(conditions: Sequence[Any]) -> Iterator[tuple[str, Node, bool]]:
    """Yield path, node, and whether it is inside a group: those come before their group."""
    for place, data in enumerate(conditions):
        path = f"conditions.{place}"
        for inner, row in enumerate(data.get("conditions", ())):
            alone = {**data, "conditions": [row]} if data["match"] == "line" else row
            yield f"{path}.conditions.{inner}", node_from(alone), True
        yield path, node_from(data), False


def _holds(store: Store, moment: DueMoment, subject: str, conditions: Sequence[Node]) -> bool | None:
    """Return whether conditions held at a moment, by the judge that explains the log; None if unreadable."""
    custom = fields_of(db.session(), store.id, removed=True).get(subject)
    rule = Rule(0, subject, Trigger("scheduled"), tuple(conditions))
    zone = ZoneInfo(store.timezone)
    context = EvaluationContext(moment.at.astimezone(zone), is_working(moment.at, zone, store.working_hours))
    facts = OccurrenceFacts(subject, "scheduled", _snapshot(store, moment, subject, rule), context=context)
    try:
        return explain(rule, facts.read(rule.fields, custom), custom).fires
    except ValueError:
        return None


def _snapshot(store: Store, moment: DueMoment, subject: str, rule: Rule) -> Mapping[str, Any]:
    """Return the record as it was: with the newest entry of its customer, or what the customer had bought."""
    told = db.session.get_one(Occurrence, moment.occurrence_id).snapshot
    own = in_currency_of(told, store.currency)
    if subject == "customer":
        history = PurchaseHistory.read(db.session(), store, [moment.record_id])
        return {**own, **history.at(moment.record_id, moment.at)}
    person = own.get("customer")
    if not isinstance(person, dict):
        return dict(own)
    newer = sa.select(Occurrence).where(
        Occurrence.subject == "customer", Occurrence.record_id == person["id"]
    )
    newer = newer.where(Occurrence.id > moment.occurrence_id, Occurrence.at <= moment.at)
    last = db.session.scalars(newer.order_by(Occurrence.id.desc()).limit(1)).first()
    return {**own, "customer": last.snapshot} if last else dict(own)


def _write(store: Store, data: st.DataObject) -> None:
    """Write drawn logs of two customers and three orders, with records that fit them."""
    if not fields_of(db.session(), store.id):
        add_own_fields(store)
    ats = st.lists(st.integers(0, 11 * 24 * 60), min_size=1, max_size=4).map(sorted)
    told = []
    store.currency = data.draw(st.sampled_from(["GBP", "EUR"]))
    db.session.commit()
    for subject, count in (("customer", 2), ("order", 3)):
        for record_id in range(1, count + 1):
            for revision, minutes in enumerate(data.draw(ats), 1):
                row = data.draw(rows(subject, "created"))
                if isinstance(row["snapshot"].get("customer"), dict):
                    row["snapshot"]["customer"]["id"] = data.draw(st.integers(1, 2))
                about = {"record_id": record_id, "revision": revision, "moment": None, "changed": None}
                told.append({**row, **about, "at": PERIOD.since + dt.timedelta(minutes=minutes)})
    told.sort(key=lambda row: row["at"])
    with write() as session:
        for table in (Occurrence, Order, Customer):
            session.execute(sa.delete(table).where(table.store_id == store.id))
        same = {"store_id": store.id, "ruleset": 1, "cause_kind": "api", "cause": "till"}
        for row in told:
            session.execute(sa.insert(Occurrence).values(**same, **row))
        for subject, model in (("customer", Customer), ("order", Order)):
            for record_id in {row["record_id"] for row in told if row["subject"] == subject}:
                mine = [row for row in told if (row["subject"], row["record_id"]) == (subject, record_id)]
                session.execute(sa.insert(model).values(_record(store, subject, mine)))


def _record(store: Store, subject: str, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Return a record as a log leaves it."""
    id, made, last = told[0]["record_id"], told[0]["at"], told[-1]["at"]
    row = {"id": id, "store_id": store.id, "number": str(id), "revision": len(told), "created_at": made}
    row["updated_at"] = last
    if subject == "customer":
        return row | {"first_name": "Ada", "last_name": "Lark"}
    paid = {"payment_status": ("unpaid", "void", "paid")[id % 3], "payment_status_since": last}
    amounts = {"total": 10 * id, "amount_paid": 3 * id, "currency": "GBP"}
    return row | paid | amounts | {"status": "new", "placed_at": made, "customer_id": 1 + id % 2}

"""Files against a store: what would change, and exactly that is done, whole or not at all."""

from __future__ import annotations

import copy

import pytest
import sqlalchemy as sa
from flask import Flask

from automations.features.rules_as_code.apply import NotApplied, apply
from automations.features.rules_as_code.export import exported
from automations.features.rules_as_code.figures import figures
from automations.features.rules_as_code.plan import CHANGED, NEW, SAME, Plan, plan_of
from automations.features.rules_as_code.plan_words import lines_of
from automations.features.rules_as_code.rule_file import RuleFile, read, written
from automations.models.db.base import db, write
from automations.models.tables.automation import Automation
from automations.models.tables.people import Audit, User
from automations.models.tables.secret import Secret
from automations.models.tables.segment import Segment
from automations.models.tables.store import Choice, Store
from tests.kit.shadows import start_shadow
from tests.kit.shop import (
    condition,
    draft_automation,
    email_to,
    place_order,
    publish_automation,
    request_to,
    switch_off,
)
from tests.world import NOW

PAID = condition("payment_status", "equals", "paid")
DELIVERY = condition("fulfilment_method", "equals", "delivery")


def files_of(store: Store) -> list[RuleFile]:
    return [read(one.file, one.text.encode()) for one in exported(db.session(), store)]


def edited(file: RuleFile, **data: object) -> RuleFile:
    return RuleFile(file.file, file.name, file.group, file.live, {**copy.deepcopy(file.data), **data})


def planned(store: Store, files: list[RuleFile]) -> Plan:
    db.session.rollback()
    return plan_of(db.session(), store, files)


def applied(store: Store, user: User, files: list[RuleFile], fingerprint: str = "", reason: str = "") -> Plan:
    wanted = fingerprint or planned(store, files).fingerprint
    with write() as session:
        return apply(session, store, files, wanted, user, NOW, reason)


def named(store: Store, name: str) -> Automation:
    db.session.rollback()
    return db.session.scalars(
        sa.select(Automation).where(Automation.store_id == store.id, Automation.name == name)
    ).one()


def test_exported_files_change_nothing(app: Flask, bloom: Store) -> None:
    publish_automation("Thanks", "payment_status_changed", DELIVERY, after="paid")
    switch_off(publish_automation("Off", "created"))
    draft_automation("Draft", "created", actions=[])
    plan = planned(bloom, files_of(bloom))
    assert [(step.name, step.kind) for step in plan.steps] == [
        ("Draft", SAME),
        ("Off", SAME),
        ("Thanks", SAME),
    ]
    assert not plan.ready
    assert exported(db.session(), bloom) == exported(db.session(), bloom)


def test_a_file_says_names_where_the_store_has_numbers(app: Flask, bloom: Store, rosa: User) -> None:
    hotel = db.session.scalar(sa.text("SELECT id FROM account WHERE name = 'Grand Hotel'"))
    draft_automation(
        "Hotel",
        "payment_status_changed",
        condition("customer.account", "equals", str(hotel)),
        after="paid",
        actions=[email_to(f"user:{rosa.id}")],
    )
    (file,) = exported(db.session(), bloom)
    assert "value: Grand Hotel" in file.text and "to: Paid" in file.text
    assert "to: user:rosa@bloom.example" in file.text
    (step,) = planned(bloom, [read(file.file, file.text.encode())]).steps
    assert step.data == named(bloom, "Hotel").draft


def test_a_changed_file_says_what_changes_and_what_it_would_have_done(
    app: Flask, bloom: Store, rosa: User
) -> None:
    publish_automation("Thanks", "created", PAID)
    for number, method, status in (
        ("1", "delivery", "paid"),
        ("2", "delivery", "unpaid"),
        ("3", "relay", "paid"),
    ):
        place_order(number, fulfilment_method=method, payment_status=status)
    (file,) = files_of(bloom)
    other = edited(file, conditions=[DELIVERY])
    plan = planned(bloom, [other])
    lines = list(lines_of(plan, figures(db.session(), bloom, plan, NOW)))
    assert lines == [
        "~ “Thanks” (thanks.yaml) is published as version 2.",
        "    Every time an order is created, if its [-payment status-] {+fulfilment method+} is [-Paid-]"
        " {+Delivery+}, email the customer.",
        "    In 90 days it would have fired 2 times; by version 1, 2 times (+1 −1).",
        "1 automation changes.",
    ]
    applied(bloom, rosa, [other])
    after = named(bloom, "Thanks")
    assert after.active_version is not None and after.active_version.number == 2
    assert after.active_version.definition["conditions"] == [DELIVERY]
    noted = db.session.scalars(sa.select(Audit.action).order_by(Audit.id)).all()
    assert "applied the file thanks.yaml to" in noted
    assert planned(bloom, [other]).steps[0].kind == SAME


def test_a_version_in_shadow_mode_has_its_own_number(app: Flask, bloom: Store, rosa: User) -> None:
    id = publish_automation("Thanks", "created", PAID)
    start_shadow(id)
    (file,) = files_of(bloom)
    wanted = edited(file, conditions=[DELIVERY])
    consequences = ("is published as version 3", "ends shadow mode of version 2")
    assert planned(bloom, [wanted]).steps[0].consequences == consequences
    applied(bloom, rosa, [wanted])
    after = named(bloom, "Thanks")
    assert after.active_version is not None and after.active_version.number == 3


def test_a_new_message_is_shown_word_by_word(app: Flask, bloom: Store) -> None:
    publish_automation("Thanks", "created")
    (file,) = files_of(bloom)
    (step,) = planned(bloom, [edited(file, actions=[email_to(message="We have it now.")])]).steps
    (text,) = step.texts
    assert text.label == "Send email: message"
    assert ("added", " now") in text.pieces


def test_texts_in_further_languages_are_in_the_file_and_a_changed_one_is_named(
    app: Flask, bloom: Store
) -> None:
    email = email_to()
    email["settings"]["languages"] = {"de": {"subject": "Danke", "message": "Schön"}}
    publish_automation("Thanks", "created", actions=[email])
    (file,) = exported(db.session(), bloom)
    assert "      languages:\n        de:\n          message: Schön\n          subject: Danke\n" in file.text
    assert planned(bloom, files_of(bloom)).steps[0].kind == SAME
    changed = read(file.file, file.text.replace("Schön", "Sehr schön").encode())
    (step,) = planned(bloom, [changed]).steps
    assert [text.label for text in step.texts] == ["Send email: message in German"]
    misspelt = read(file.file, file.text.replace("subject: Danke", "subjekt: Danke").encode())
    (step,) = planned(bloom, [misspelt]).steps
    assert any("languages, de: “subjekt” is not known here" in problem for problem in step.problems)
    assert any("In German: Write a subject." in problem for problem in step.problems)


def test_files_move_automations_to_another_store(app: Flask, bloom: Store) -> None:
    publish_automation("Thanks", "created", PAID)
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    mallory = db.session.query(User).filter_by(email="mallory@thorn.example").one()
    plan = planned(thorn, files_of(bloom))
    assert [(step.name, step.kind, step.problems) for step in plan.steps] == [("Thanks", NEW, ())]
    applied(thorn, mallory, files_of(bloom))
    assert named(thorn, "Thanks").active_version is not None
    assert named(thorn, "Thanks").owner_id is None and named(thorn, "Thanks").created_by == mallory.id


def test_what_the_other_store_lacks_is_listed_and_nothing_is_applied(
    app: Flask, bloom: Store, rosa: User
) -> None:
    with write() as session:
        session.add(
            Choice(
                store_id=bloom.id,
                list_key="order_status",
                key="on_ice",
                label="On ice",
                position=90,
                former_labels=[],
            )
        )
        session.add(regulars := Segment(store_id=bloom.id, name="Regulars", conditions=[], created_at=NOW))
        regulars.updated_at = NOW
        session.flush()
        segment = str(regulars.id)
    hotel = db.session.scalar(sa.text("SELECT id FROM account WHERE name = 'Grand Hotel'"))
    wants = [condition("status", "equals", "on_ice"), condition("customer.account", "equals", str(hotel))]
    wants.append(condition("custom.colour", "equals", "red"))
    request = request_to("https://vans.example/")
    request["settings"]["headers"] = "Authorization: {{ secrets.van }}"
    draft_automation("Ice", "created", *wants, actions=[request, email_to(f"user:{rosa.id}")])
    draft_automation("Welcome", "segment_entered", subject="customer", after=segment)
    publish_automation("Fine", "created")
    thorn = db.session.query(Store).filter_by(name="Thorn & Co").one()
    files = files_of(bloom)
    plan = planned(thorn, files)
    assert {step.name: step.problems for step in plan.steps} == {
        "Fine": (),
        "Welcome": ("There is no segment “Regulars”.",),
        "Ice": (
            "The list Order statuses has no entry “On ice”.",
            "There is no account “Grand Hotel”.",
            "Nobody in the team of Thorn & Co has the address rosa@bloom.example.",
            "Orders have no field of the store’s own “colour”.",
            "There is no secret “van”; an admin can set it under Settings.",
        ),
    }
    mallory = db.session.query(User).filter_by(email="mallory@thorn.example").one()
    with pytest.raises(NotApplied, match="first fix"):
        applied(thorn, mallory, files)
    db.session.rollback()
    assert db.session.scalars(sa.select(Automation).where(Automation.store_id == thorn.id)).all() == []


@pytest.mark.parametrize("meanwhile", ["saved", "switched off", "another plan"])
def test_a_plan_that_does_not_hold_any_more_is_refused(
    app: Flask, bloom: Store, rosa: User, meanwhile: str
) -> None:
    id = publish_automation("Thanks", "created", PAID)
    (file,) = files_of(bloom)
    wanted = edited(file, conditions=[DELIVERY])
    fingerprint = planned(bloom, [wanted]).fingerprint
    if meanwhile == "saved":
        with write() as session:
            session.get_one(Automation, id).revision += 1
    elif meanwhile == "switched off":
        switch_off(id)
    else:
        wanted = edited(file, conditions=[])
    with pytest.raises(NotApplied, match="Something changed since"):
        applied(bloom, rosa, [wanted], fingerprint)
    db.session.rollback()
    assert named(bloom, "Thanks").draft["conditions"] == [PAID]


def test_changes_that_are_not_published_are_not_lost(app: Flask, bloom: Store, rosa: User) -> None:
    id = publish_automation("Thanks", "created", PAID)
    (file,) = files_of(bloom)
    with write() as session:
        automation = session.get_one(Automation, id)
        automation.draft = automation.draft | {"conditions": [DELIVERY]}
    assert planned(bloom, [file]).steps[0].kind == SAME
    (step,) = planned(bloom, [edited(file, conditions=[])]).steps
    assert step.kind == CHANGED and "has changes here that are not published" in step.problems[0]


@pytest.mark.parametrize(("live", "group"), [(False, ""), (True, "Mail"), (False, "Mail")])
def test_switch_and_group_follow_the_file(
    app: Flask, bloom: Store, rosa: User, live: bool, group: str
) -> None:
    publish_automation("Thanks", "created", PAID)
    (file,) = files_of(bloom)
    wanted = RuleFile(file.file, file.name, group, live, file.data)
    applied(bloom, rosa, [wanted])
    after = named(bloom, "Thanks")
    assert (after.active_version_id is not None, after.group_name) == (live, group)
    assert after.latest_version is not None and after.latest_version.number == 1
    applied(bloom, rosa, [file])
    assert named(bloom, "Thanks").active_version_id is not None


def test_an_automation_that_is_off_is_published_by_its_file(app: Flask, bloom: Store, rosa: User) -> None:
    draft_automation("Thanks", "created", PAID)
    (file,) = files_of(bloom)
    plan = planned(bloom, [RuleFile(file.file, file.name, "", True, file.data)])
    assert plan.steps[0].consequences == ("is published as version 1",)
    applied(bloom, rosa, [RuleFile(file.file, file.name, "", True, file.data)])
    assert named(bloom, "Thanks").active_version is not None


def test_two_files_with_one_name_and_broken_rules_are_named(app: Flask, bloom: Store) -> None:
    text = written("Thanks", "", True, {"subject": "order", "trigger": {"key": "created"}, "actions": []})
    files = [read("a.yaml", text.encode()), read("b.yaml", text.encode())]
    plan = planned(bloom, files)
    assert all("Another file has the name" in step.problems[0] for step in plan.steps)
    assert all("actions: Add at least one action" in " ".join(step.problems) for step in plan.steps)
    assert not plan.ready


def test_files_that_hold_anything_at_all_are_answered(app: Flask, bloom: Store) -> None:
    for rest in (
        "subject: [1]\n",
        "trigger: 7\n",
        "conditions: {a: 1}\n",
        "actions: no\n",
        "actions: [7]\n",
        "caps: x\n",
    ):
        file = read(
            "x.yaml",
            b"name: X\nlive: true\nsubject: order\n".replace(b"subject: order\n", b"") + rest.encode(),
        )
        (step,) = planned(bloom, [file]).steps
        assert step.kind == NEW and step.problems


def test_only_secrets_that_are_missing_are_named(app: Flask, bloom: Store) -> None:
    with write() as session:
        session.add(
            Secret(
                store_id=bloom.id, name="van", host="vans.example", value=b"x", created_at=NOW, changed_at=NOW
            )
        )
    request = request_to("https://vans.example/")
    request["settings"]["headers"] = "Authorization: {{ secrets.van }}"
    draft_automation("Ice", "created", actions=[request])
    (step,) = planned(bloom, files_of(bloom)).steps
    assert step.problems == ()


def test_a_file_whose_rule_can_never_fire_is_not_published_but_may_be_a_draft(
    app: Flask, bloom: Store, rosa: User
) -> None:
    publish_automation("Thanks", "created", PAID)
    (file,) = files_of(bloom)
    never = edited(file, conditions=[PAID, condition("payment_status", "equals", "unpaid")])
    (step,) = planned(bloom, [never]).steps
    assert len(step.problems) == 1 and "It can never fire: " in step.problems[0]
    with pytest.raises(NotApplied):
        applied(bloom, rosa, [never])
    off = RuleFile(never.file, never.name, never.group, False, never.data)
    applied(bloom, rosa, [off])
    assert len(named(bloom, "Thanks").draft["conditions"]) == 2

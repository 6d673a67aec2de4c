"""The list of tasks, a task's page and checklist, and completing and reopening it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask.testing import FlaskClient

from automations.models.db.base import db, write
from automations.models.tables.people import Audit, User
from automations.models.tables.store import Store
from automations.models.tables.task import Task
from tests.kit import shop
from tests.kit.doing import perform_all
from tests.web.pages import assert_fragment, text_of
from tests.world import NOW

CALL = {
    "title": "Call about {{ order.number }}",
    "description": "",
    "checklist": "Find the number\nCall",
    "assignee": "manager",
    "priority": "high",
}
CREATE = {"kind": "create_task", "settings": CALL}


def add_task(title: str = "Check the roses", **values: Any) -> int:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        task = Task(store_id=store.id, title=title, created_at=NOW, **values)
        session.add(task)
        session.flush()
        return task.id


def add_many(count: int) -> None:
    with write() as session:
        store = session.query(Store).filter_by(name="Bloom & Wild St").one()
        for number in range(count):
            due = NOW + dt.timedelta(hours=number) if number % 2 else None
            session.add(Task(store_id=store.id, title=f"Task {number:03}", created_at=NOW, due_at=due))


def task_of(task_id: int) -> Task:
    db.session.expire_all()
    return db.session.get_one(Task, task_id)


def person(name: str) -> int:
    return db.session.query(User).filter(User.name.startswith(name)).one().id


def test_an_empty_list_explains_tasks(as_finn: FlaskClient) -> None:
    words = text_of(as_finn.get("/tasks"))
    assert "Nothing to do" in words and "Create a task" in words


def test_the_navigation_counts_open_tasks(as_finn: FlaskClient) -> None:
    assert "Tasks Activity" in text_of(as_finn.get("/orders"))
    add_task()
    add_task(state="done", done_at=NOW)
    assert "Tasks 1 open Activity" in text_of(as_finn.get("/orders"))
    add_many(120)
    assert "Tasks 99+ open" in text_of(as_finn.get("/orders"))


def test_the_navigation_leaves_out_what_is_for_somebody_else(
    as_finn: FlaskClient, as_rosa: FlaskClient
) -> None:
    add_task(assignee_id=person("Rosa"))
    add_task(assignee_role="manager")
    add_task(assignee_role="team")
    assert "Tasks 1 open" in text_of(as_finn.get("/orders"))
    assert "Tasks 3 open" in text_of(as_rosa.get("/orders"))


def test_open_tasks_are_sorted_by_due_date_with_undated_ones_last(as_finn: FlaskClient) -> None:
    add_task("Some day")
    add_task("Later", due_at=NOW + dt.timedelta(days=400))
    add_task("Late", due_at=NOW - dt.timedelta(days=400))
    words = text_of(as_finn.get("/tasks"))
    assert words.index("Late ") < words.index("Later ") < words.index("Some day")
    assert "Overdue" in words and "no date" in words


def test_pages_by_key_show_each_task_once(as_finn: FlaskClient) -> None:
    add_many(120)
    address, seen = "/tasks", []
    while address:
        answer = as_finn.get(address)
        seen += [f"Task {n:03}" for n in range(120) if f"Task {n:03}" in answer.text]
        more = answer.text.partition('rel="next"')[0].rpartition('href="')[2].partition('"')[0]
        address = more.replace("&amp;", "&") if 'rel="next"' in answer.text else ""
    assert sorted(seen) == [f"Task {n:03}" for n in range(120)]


def test_the_list_is_narrowed_by_state_person_and_date(as_finn: FlaskClient) -> None:
    add_task("Of Rosa", assignee_id=person("Rosa"), due_at=dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))
    add_task("Of Finn", assignee_id=person("Finn"))
    add_task("Of the team", assignee_role="team")
    add_task("Of nobody")
    add_task("Of yesterday", state="done", done_at=NOW)

    def shown(**filters: str) -> set[str]:
        words = text_of(as_finn.get("/tasks", query_string=filters, headers={"HX-Request": "true"}))
        return {
            name for name in ("Rosa ", "Finn ", "the team", "nobody ", "yesterday") if f"Of {name}" in words
        }

    assert shown() == {"Rosa ", "Finn ", "the team", "nobody "}
    assert shown(who="mine") == {"Finn ", "the team"}
    assert shown(who=f"user:{person('Rosa')}") == {"Rosa "}
    assert shown(who="nobody") == {"nobody "}
    assert shown(state="done") == {"yesterday"}
    assert shown(due="overdue") == {"Rosa "}
    assert shown(due="none", who="team") == {"the team"}
    assert shown(who="user:99999999999999999999", due="nonsense", state="nonsense") == set()


def test_a_filter_that_finds_nothing_says_so(as_finn: FlaskClient) -> None:
    answer = as_finn.get("/tasks?due=overdue", headers={"HX-Request": "true"})
    assert_fragment(answer, "tasks")
    assert "No task matches these filters" in text_of(answer)


def test_a_task_links_to_its_record_and_its_automation(as_finn: FlaskClient) -> None:
    shop.publish_automation("Call big spenders", "created", actions=[CREATE])
    shop.place_order()
    assert perform_all() == 1
    task_id = db.session.query(Task).one().id
    answer = as_finn.get(f"/tasks/{task_id}")
    assert "Order 10482" in text_of(answer) and "/orders/10482" in answer.text
    assert "Call big spenders , version 1" in text_of(answer)
    assert "Call about 10482 High priority" in text_of(answer)
    assert "This task is for someone else. A manager can complete it." in text_of(answer)


def test_entries_are_ticked_and_unticked(as_rosa: FlaskClient) -> None:
    task_id = add_task(checklist=[{"text": "Water", "done": False}, {"text": "Cut", "done": False}])
    answer = as_rosa.post(
        f"/tasks/{task_id}/checklist", data={"item": "1", "done": "yes"}, headers={"HX-Request": "true"}
    )
    assert_fragment(answer, "checklist")
    assert [entry["done"] for entry in task_of(task_id).checklist] == [False, True]
    assert "1 of 2 ticked" in text_of(as_rosa.get("/tasks"))
    assert as_rosa.post(f"/tasks/{task_id}/checklist", data={"item": "1", "done": "no"}).status_code == 303
    assert [entry["done"] for entry in task_of(task_id).checklist] == [False, False]
    assert as_rosa.post(f"/tasks/{task_id}/checklist", data={"item": "7"}).status_code == 400


def test_a_done_task_says_who_and_when_and_can_be_reopened(as_rosa: FlaskClient) -> None:
    task_id = add_task()
    answer = as_rosa.post(f"/tasks/{task_id}/completion", follow_redirects=True)
    assert "“Check the roses” is done." in text_of(answer) and "by Rosa Lind" in text_of(answer)
    again = as_rosa.post(f"/tasks/{task_id}/completion", follow_redirects=True)
    assert "Someone else already did that" in text_of(again)
    as_rosa.post(f"/tasks/{task_id}/reopening")
    task = task_of(task_id)
    assert (task.state, task.done_at, task.done_by) == ("open", None, None)
    noted = [row.action for row in db.session.query(Audit).order_by(Audit.id) if "task" in row.about]
    assert noted == ["finished", "reopened"]


def test_a_viewer_changes_only_tasks_that_are_for_them(as_finn: FlaskClient) -> None:
    finns, anybodys = add_task(assignee_id=person("Finn")), add_task()
    theirs = add_task(assignee_role="manager")
    assert as_finn.post(f"/tasks/{finns}/completion").status_code == 303
    assert as_finn.post(f"/tasks/{anybodys}/completion").status_code == 303
    refused = as_finn.post(f"/tasks/{theirs}/completion")
    assert refused.status_code == 403 and "A manager can change it." in text_of(refused)
    assert task_of(theirs).state == "open"

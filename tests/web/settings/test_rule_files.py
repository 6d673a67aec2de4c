"""Settings: automations as files, downloaded, read as a plan and applied."""

from __future__ import annotations

import io
import zipfile

from flask.testing import FlaskClient

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.kit.pages.rule_file_forms import PAGE, apply_plan, carried, plan_files
from tests.kit.shop import condition, draft_automation, publish_again, publish_automation
from tests.web.pages import text_of


def downloaded(client: FlaskClient) -> dict[str, bytes]:
    answer = client.get(f"{PAGE}/archive")
    assert answer.mimetype == "application/zip"
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        return {name: packed.read(name) for name in packed.namelist()}


def test_an_archive_that_was_edited_is_planned_and_applied(as_rosa: FlaskClient) -> None:
    id = publish_automation("Thanks", "created", condition("payment_status", "equals", "paid"))
    publish_automation("Same", "created")
    files = downloaded(as_rosa)
    assert sorted(files) == ["same.yaml", "thanks.yaml"]
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("all/same.yaml", files["same.yaml"])
        archive.writestr("all/thanks.yaml", files["thanks.yaml"].replace(b"value: Paid", b"value: Unpaid"))
        archive.writestr("all/README.md", "not an automation")
    plan = plan_files(as_rosa, ("automations.zip", packed.getvalue()))
    assert "1 automation changes, 1 automation stays as it is." in text_of(plan)
    assert "<del> Paid</del><ins> Unpaid</ins>" in plan.text
    assert "In 90 days it would have fired 0 times; by version 1, 0 times (+0 −0)." in text_of(plan)
    done = as_rosa.post(f"{PAGE}/applications", data=carried(plan), follow_redirects=True)
    assert "1 automation was changed." in text_of(done)
    db.session.rollback()
    version = db.session.get_one(Automation, id).active_version
    assert version is not None and version.definition["conditions"][0]["value"] == "unpaid"


def test_a_plan_that_changed_meanwhile_is_shown_anew(as_rosa: FlaskClient) -> None:
    id = publish_automation("Thanks", "created")
    wanted = downloaded(as_rosa)["thanks.yaml"].replace(b"We have it.", b"We have it now.")
    plan = plan_files(as_rosa, ("thanks.yaml", wanted))
    publish_again(id, "payment_status_changed")
    refused = apply_plan(as_rosa, plan)
    assert refused.status_code == 409
    assert "Something changed since this plan was made. Nothing was applied" in text_of(refused)
    again = apply_plan(as_rosa, refused)
    assert again.status_code == 303


def test_what_cannot_be_read_is_named(as_rosa: FlaskClient) -> None:
    for name, content, said in (
        ("a.yaml", b"name: [", "a.yaml, line 1"),
        ("a.txt", b"x", "a.txt is neither YAML nor an archive"),
        ("a.zip", b"x", "a.zip can’t be opened as an archive"),
        ("", b"", "There is no automation here"),
    ):
        answer = plan_files(as_rosa, (name, content))
        assert answer.status_code == 422
        assert said in text_of(answer)
    broken = as_rosa.post(f"{PAGE}/applications", data={"files": "[", "fingerprint": "x"})
    assert broken.status_code == 422 and "Choose them again" in text_of(broken)


def test_what_is_in_the_way_stands_beside_its_file(as_rosa: FlaskClient) -> None:
    draft_automation("Thanks", "created")
    wanted = (
        downloaded(as_rosa)["thanks.yaml"]
        .replace(b"live: false", b"live: true")
        .replace(b"key: created", b"key: crated")
    )
    answer = plan_files(as_rosa, ("thanks.yaml", wanted))
    assert answer.status_code == 200
    assert "“crated” can’t start an automation" in text_of(answer)
    assert carried(answer) == {}

"""`flask rules`: export, plan and apply."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from click.testing import Result
from flask import Flask

from automations.models.db.base import db
from automations.models.tables.automation import Automation
from tests.kit.shop import condition, publish_automation

STORE = ["--store", "Bloom & Wild St"]


def rules(app: Flask, *arguments: str | Path) -> Result:
    db.session.rollback()
    return app.test_cli_runner().invoke(args=["rules", *map(str, arguments), *STORE])


@pytest.fixture
def folder(app: Flask, tmp_path: Path) -> Path:
    """A folder with the files of a store, in which one rule was edited."""
    publish_automation("Thanks", "created", condition("payment_status", "equals", "paid"))
    assert rules(app, "export", tmp_path / "rules").output.startswith("Exported 1 automation to")
    file = tmp_path / "rules" / "thanks.yaml"
    file.write_text(
        file.read_text(encoding="utf-8").replace("value: Paid", "value: Unpaid"), encoding="utf-8"
    )
    return file.parent


def test_what_was_planned_is_applied_once(app: Flask, folder: Path) -> None:
    plan = rules(app, "plan", folder)
    assert "is [-Paid-] {+Unpaid+}" in plan.output
    found = re.search(r"Fingerprint: (\w+)", plan.output)
    assert found is not None
    arguments = ("apply", folder, "--plan", found[1], "--as")
    assert "nobody who may publish" in rules(app, *arguments, "finn@bloom.example").output
    done = rules(app, *arguments, "rosa@bloom.example")
    assert (done.exit_code, done.output) == (0, "Changed 1 automation.\n")
    again = rules(app, *arguments, "rosa@bloom.example")
    assert again.exit_code == 1 and "Something changed since this plan was made" in again.output
    db.session.rollback()
    (automation,) = db.session.query(Automation).all()
    assert automation.latest_version is not None and automation.latest_version.number == 2


def test_wrong_files_and_stores_are_named(app: Flask, folder: Path, tmp_path: Path) -> None:
    (folder / "thanks.yaml").write_text("name: [", encoding="utf-8")
    assert "thanks.yaml, line 1" in rules(app, "plan", folder).output
    assert "There is no automation here" in rules(app, "plan", tmp_path).output
    nowhere = app.test_cli_runner().invoke(args=["rules", "plan", str(folder), "--store", "Nowhere"])
    assert "There is no store “Nowhere”. There are: “Bloom & Wild St”, “Thorn & Co”." in nowhere.output

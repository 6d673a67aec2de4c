"""One entry feeds everything: each claim of the how-to is tried by really adding one.

The changes are made in a copy of the program and looked for there in a process of its own. A claim fails
when one of its things is missing anywhere, for then another file would have had to be changed too.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys

import pytest

from automations.engine.fields.subjects import SUBJECTS
from automations.pipeline.records.record_kinds import KEPT, KINDS
from tests.kit.additions.additions import CLAIMS
from tests.kit.source import ROOT

pytestmark = pytest.mark.slow

#: What the program needs to run.
PARTS = ("automations", "docs", "migrations", "static", "templates")


@pytest.fixture(scope="session")
def missing(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """By claim, what is missing in a program that has one more of everything."""
    copy = tmp_path_factory.mktemp("one_more")
    for part in PARTS:
        shutil.copytree(ROOT / part, copy / part, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "app.py", copy)
    for changes in CLAIMS.values():
        for change in changes:
            change.make(copy)
    paths = os.pathsep.join((str(copy), str(ROOT)))
    command = [sys.executable, "-m", "tests.kit.additions.added_checks"]
    done = subprocess.run(
        command, cwd=copy, env=os.environ | {"PYTHONPATH": paths}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return found


@pytest.mark.parametrize("claim", CLAIMS)
def test_what_the_how_to_says_is_all_that_has_to_be_written(claim: str, missing: dict[str, str]) -> None:
    assert missing[claim] == ""


def test_every_claim_is_tried(missing: dict[str, str]) -> None:
    assert missing.keys() == CLAIMS.keys()


@pytest.mark.parametrize("subject", SUBJECTS)
def test_every_column_that_a_change_may_name_has_its_entry(subject: str) -> None:
    assert SUBJECTS[subject].columns.keys() - KEPT == KINDS[subject].settable

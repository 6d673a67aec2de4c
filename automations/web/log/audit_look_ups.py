"""The names and addresses of tasks, runs and imports, by their numbers, for the audit page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import sqlalchemy as sa
from flask import g, url_for
from sqlalchemy.orm import joinedload

from automations.features.history.log_phrases import record_words
from automations.models.db.base import db
from automations.models.tables.csv_import import CsvImport
from automations.models.tables.occurrence import Evaluation
from automations.models.tables.run import Run
from automations.models.tables.task import Task


def _tasks(ids: set[int]) -> Iterator[tuple[int, str, str]]:
    query = sa.select(Task.id, Task.title).where(Task.store_id == g.store.id, Task.id.in_(ids))
    for id, title in db.session.execute(query):
        yield id, f"“{title}”", url_for("tasks.show", task_id=id)


def _imports(ids: set[int]) -> Iterator[tuple[int, str, str]]:
    query = sa.select(CsvImport.id, CsvImport.name)
    for id, name in db.session.execute(query.where(CsvImport.store_id == g.store.id, CsvImport.id.in_(ids))):
        yield id, f"“{name}”", url_for("imports.show", import_id=id)


def _runs(ids: set[int]) -> Iterator[tuple[int, str, str]]:
    query = sa.select(Run).where(Run.store_id == g.store.id, Run.id.in_(ids))
    evaluation = joinedload(Run.evaluation)
    query = query.options(
        evaluation.joinedload(Evaluation.version), evaluation.joinedload(Evaluation.occurrence)
    )
    for run in db.session.scalars(query):
        occurrence = run.evaluation.occurrence
        record = record_words(occurrence.subject, occurrence.snapshot)
        yield run.id, f"of “{run.evaluation.version.name}” for {record}", url_for("runs.show", run_id=run.id)


#: What an entry calls it -> yields (id, name, address) of those that the store has.
LOOK_UPS: Mapping[str, Callable[[set[int]], Iterator[tuple[int, str, str]]]] = {
    "task": _tasks,
    "run": _runs,
    "import": _imports,
}

"""The files that go with imports: an empty one in our columns, what was refused with why, and their list."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import sqlalchemy as sa
from flask import Blueprint, Response, abort, g, request

from automations.features.csv_files import csv_lines
from automations.features.csv_files.csv_columns import NOUNS, columns_of
from automations.features.csv_import import import_lookups
from automations.models.db.base import db
from automations.models.tables.csv_import import REFUSED, CsvImport, CsvRecord
from automations.web.exports.csv_response import csv_response, local, newest_first
from automations.web.kit.scope import by_id_or_404
from automations.web.records.kind_pages import store_words

bp = Blueprint("import_files", __name__)

HEADINGS = ("Row", "Column", "What is wrong")
FILE = (
    *("File", "What is in it", "Rows", "State", "New", "Changed", "Left as it is", "Refused", "Problem"),
    *("Uploaded", "By", "Finished"),
)
AT_ONCE = 500


@bp.get("/imports/template.csv")
def template() -> Response:
    """Return a file that has only our headings, for the kind of record that the address asks for."""
    subject = request.args.get("subject", "order")
    if subject not in NOUNS:
        abort(404)
    headings = [column.label for column in columns_of(subject, store_words())]
    response = Response(csv_lines.BEGINNING + csv_lines.line(headings), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="{NOUNS[subject][1]}.csv"'
    return response


@bp.get("/imports/<int:import_id>/errors.csv")
def export(import_id: int) -> Response:
    """Return what was refused, row by row with why."""
    one = by_id_or_404(CsvImport, import_id)
    about = f"the errors of import {one.id}"
    return csv_response(f"import-{one.id}-errors", HEADINGS, _errors(one.id), about)


@bp.get("/imports.csv")
def export_all() -> Response:
    """Return every file whose rows are kept, newest first, with what its records would do or did."""
    query = sa.select(CsvImport).where(CsvImport.store_id == g.store.id)
    return csv_response("imports", FILE, newest_first(query, CsvImport.id, _file), "the imports")


def _file(one: CsvImport) -> Iterator[Sequence[str]]:
    counts = map(str, import_lookups.counts(one).values())
    what = (one.name, NOUNS[one.subject][1].capitalize(), str(one.total), one.state_words)
    yield *what, *counts, one.problem or "", local(one.created_at), one.asked_by, local(one.finished_at)


def _errors(import_id: int) -> Iterator[Sequence[str]]:
    after = 0
    while True:
        query = sa.select(CsvRecord.id, CsvRecord.problems).where(
            CsvRecord.import_id == import_id, CsvRecord.verdict == REFUSED, CsvRecord.id > after
        )
        found = db.session.execute(query.order_by(CsvRecord.id).limit(AT_ONCE)).all()
        for id, problems in found:
            after = id
            yield from ((str(row), column, sentence) for row, column, sentence in problems)
        if len(found) < AT_ONCE:
            return

"""Orders, events, customers and accounts as CSV files, in the columns that an import takes."""

from __future__ import annotations

from functools import partial

import sqlalchemy as sa
from flask import Blueprint, Response, g
from sqlalchemy.orm import selectinload

from automations.features.csv_files.csv_cells import rows_of
from automations.features.csv_files.csv_columns import ACCOUNT, columns_of
from automations.models.tables.customer import Account
from automations.web.exports.csv_response import csv_response, newest_first
from automations.web.records import account_pages
from automations.web.records.kind_pages import KINDS, store_words
from automations.web.records.record_pages import asked_for

bp = Blueprint("record_exports", __name__)


@bp.get("/<any(orders, events, customers):plural>.csv")
def export(plural: str) -> Response:
    """Return the records that the list shows with the same filters."""
    kind, words = KINDS[plural], store_words()
    _, _, matches = asked_for(kind)
    columns = columns_of(kind.subject, words)
    related = [name for name in ("customer", "account") if hasattr(kind.model, name)]
    options = [selectinload(getattr(kind.model, name)) for name in related]
    query = sa.select(kind.model).where(kind.model.store_id == g.store.id, *matches).options(*options)
    rows = newest_first(query, kind.model.id, partial(rows_of, columns=columns, words=words))
    return csv_response(plural, [column.label for column in columns], rows, f"the {plural}")


@bp.get("/accounts.csv")
def export_accounts() -> Response:
    words = store_words()
    columns = columns_of(ACCOUNT, words)
    _, query = account_pages.asked_for()
    rows = newest_first(query, Account.id, partial(rows_of, columns=columns, words=words))
    return csv_response("accounts", [column.label for column in columns], rows, "the accounts")

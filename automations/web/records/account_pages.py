"""Accounts: the companies that some customers buy through."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, make_response, redirect, render_template, request, url_for
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer
from wtforms import StringField
from wtforms.validators import DataRequired

from automations.features.authoring import account_uses
from automations.models.accounts import account_names
from automations.models.db.base import db, run_in_write
from automations.models.db.text_search import contains
from automations.models.tables.customer import Account, Customer
from automations.web.kit.form_helpers import add_error, collapse_spaces
from automations.web.kit.fragments import render_part_or_page
from automations.web.kit.paging import csv_url, page_of
from automations.web.kit.scope import by_id_or_404
from automations.web.kit.short_enough import ShortEnough
from automations.web.kit.sorting import requested, sorted_page
from automations.web.kit.undo_links import flash_undo
from automations.web.records.kind_pages import BY_SUBJECT, store_words
from automations.web.records.list_sorts import ACCOUNTS
from automations.web.records.record_search import LONGEST

bp = Blueprint("accounts", __name__, url_prefix="/accounts")

#: How many of an account's newest orders, and how many of its newest events, its page shows.
NEWEST = 5
PER_PAGE = 10


class AccountForm(FlaskForm):
    name = StringField(
        "Name",
        [
            DataRequired("Enter the account’s name."),
            ShortEnough(120),
        ],
        [collapse_spaces],
        render_kw={"autocomplete": "off"},
    )


@bp.get("")
def index() -> Response:
    text, matches = _asked_for()
    sort = requested(ACCOUNTS)
    query = sa.select(Account).where(*matches)
    page = sorted_page(Account, matches, sort) if sort.key else page_of(query, Account.id)
    counts = account_uses.customer_counts(db.session(), [account.id for account in page.rows])
    return render_part_or_page(
        "records/_accounts.html",
        "records/accounts.html",
        listing=page,
        counts=counts,
        q=text,
        sort=sort,
        csv_url=csv_url(),
    )


def asked_for() -> tuple[str, sa.Select[Account]]:
    """Return what the address searches for, and the accounts that match."""
    text, matches = _asked_for()
    return text, sa.select(Account).where(*matches)


def _asked_for() -> tuple[str, list[sa.ColumnElement[bool]]]:
    text = request.args.get("q", "").strip()[:LONGEST]
    return text, [Account.store_id == g.store.id, *([contains(Account.name, text)] if text else [])]


@bp.get("/new")
def new() -> str:
    return render_template("records/account_form.html", form=AccountForm(), account=None)


@bp.post("")
def create() -> Answer:
    form, store_id, user_id = AccountForm(), g.store.id, g.user.id
    if not form.validate():
        return _again(form)
    account_id = run_in_write(lambda session: account_names.add(session, store_id, form.name.data, user_id))
    if account_id is None:
        return _taken(form)
    flash(f"The account “{form.name.data}” is saved.")
    return redirect(url_for(".show", account_id=account_id), 303)


@bp.get("/<int:account_id>")
def show(account_id: int) -> str:
    account = by_id_or_404(Account, account_id)
    session = db.session()
    customers = sa.select(Customer).where(Customer.account_id == account.id)
    context: dict[str, Any] = {
        "customers": page_of(customers, Customer.id, PER_PAGE),
        "count": account_uses.customer_counts(session, [account.id]).get(account.id, 0),
        "newest": account_uses.latest_records(session, account.id, NEWEST),
        "automations": account_uses.automations_using_account(session, g.store.id, account.id),
    }
    return render_template(
        "records/account.html", account=account, kinds=BY_SUBJECT, words=store_words(), **context
    )


@bp.get("/<int:account_id>/edit")
def edit(account_id: int) -> str:
    account = by_id_or_404(Account, account_id)
    return render_template("records/account_form.html", form=AccountForm(obj=account), account=account)


@bp.post("/<int:account_id>")
def update(account_id: int) -> Answer:
    account = by_id_or_404(Account, account_id)
    form, store_id, user_id = AccountForm(), g.store.id, g.user.id
    # The API takes longer names, and spaces, that this form would refuse or change.
    if request.form.get("name") == AccountForm(formdata=None, obj=account).name._value():
        flash("There were no changes to save.")
        return redirect(url_for(".show", account_id=account_id), 303)
    if not form.validate():
        return _again(form, account)

    def work(session: Session) -> int | None:
        step = account_names.rename(session, store_id, account_id, form.name.data, user_id)
        return step.id if step else None

    try:
        step_id = run_in_write(work)
    except account_names.NameTaken:
        return _taken(form, account)
    flash_undo(f"The account is now called “{form.name.data}”.", step_id)
    return redirect(url_for(".show", account_id=account_id), 303)


def _taken(form: AccountForm, account: Account | None = None) -> Response:
    add_error(form.name, f"There is already an account “{form.name.data}”.")
    return _again(form, account)


def _again(form: AccountForm, account: Account | None = None) -> Response:
    return make_response(render_template("records/account_form.html", form=form, account=account), 422)

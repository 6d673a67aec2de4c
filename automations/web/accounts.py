"""Accounts: the companies some customers buy through."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from flask import Blueprint, Response, flash, g, make_response, redirect, render_template
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as Answer
from wtforms import StringField
from wtforms.validators import DataRequired, Length

from automations.models.base import in_write
from automations.models.customer import Account
from automations.web.paging import page_of

bp = Blueprint("accounts", __name__, url_prefix="/accounts")


class AccountForm(FlaskForm):
    name = StringField(
        "Name",
        [DataRequired("Write the account's name."), Length(max=120)],
        render_kw={"autocomplete": "off"},
    )


@bp.get("")
def index() -> str:
    return _page(AccountForm())


@bp.post("")
def create() -> Answer:
    form = AccountForm()
    if not form.validate():
        return _again(form)
    name, store_id = form.name.data.strip(), g.store.id
    if not in_write(lambda session: _add(session, store_id, name)):
        form.name.errors = [f"There is already an account “{name}”."]
        return _again(form)
    flash(f"The account “{name}” is saved.")
    return redirect("/accounts", 303)


def _add(session: Session, store_id: int, name: str) -> bool:
    if session.scalar(sa.select(Account.id).where(Account.store_id == store_id, Account.name == name)):
        return False
    session.add(Account(store_id=store_id, name=name, created_at=dt.datetime.now(dt.UTC)))
    return True


def _again(form: AccountForm) -> Response:
    return make_response(_page(form), 422)


def _page(form: AccountForm) -> str:
    page = page_of(sa.select(Account).where(Account.store_id == g.store.id), Account.id)
    return render_template("records/accounts.html", page=page, form=form)

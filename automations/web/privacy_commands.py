"""Commands of the `flask` program for secrets and for personal data."""

from __future__ import annotations

import datetime as dt

import click
import sqlalchemy as sa
from flask import current_app

from automations.models import audit
from automations.models.base import db, write
from automations.models.customer import Customer
from automations.models.store import Store
from automations.pipeline import erase
from automations.pipeline.rotate import rotate


@click.command("rotate-key")
def rotate_key() -> None:
    """Encrypt every stored secret with SECRET_KEY; OLD_SECRET_KEYS hold the ones before."""
    keys = [current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"]]
    found = rotate(keys)
    click.echo(f"{found.renewed} secrets have the new key now, {found.fresh} had it before.")
    for table, row_id in found.unreadable:
        click.echo(f"{table} {row_id}: none of the keys opens it. Enter it again in Settings.")
    if found.unreadable:
        raise click.ClickException("Keep OLD_SECRET_KEYS until these are entered again.")
    click.echo("OLD_SECRET_KEYS is not needed for them any more.")


@click.command("erase-customer")
@click.argument("store")
@click.argument("number")
def erase_customer(store: str, number: str) -> None:
    """Take a customer out of everything; orders and the log stay, without the person."""
    with write() as session:
        shop = session.scalar(sa.select(Store).where(Store.name == store))
        if shop is None:
            raise click.ClickException(f"There is no store “{store}”.")
        hers = sa.select(Customer).where(Customer.store_id == shop.id, Customer.number == number)
        customer = session.scalar(hers)
        if customer is None:
            raise click.ClickException(f"{store} has no customer {number}.")
        changed = erase.erase(session, shop, customer, dt.datetime.now(dt.UTC))
        about = f"personal data of customer {number}"
        audit.note(session, action="erased", about=about, store_id=shop.id)
    settled = erase.settle(db.session())
    click.echo(f"Customer {number} is erased from {changed} rows.")
    if not settled:
        raise click.ClickException("Somebody still reads the database. Run it again to clear its journal.")

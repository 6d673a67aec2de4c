"""The `flask` commands for stored secrets and personal data."""

from __future__ import annotations

import datetime as dt

import click
import sqlalchemy as sa
from flask import current_app

from automations.engine.wording.formats import BRITISH, count_words
from automations.features.operations.key_rotation import rotate
from automations.features.privacy import complete_erasure
from automations.models.access import audit
from automations.models.db.base import db
from automations.models.tables.customer import Customer
from automations.models.tables.store import Store


@click.command("rotate-key")
def rotate_key() -> None:
    """Encrypt every stored secret with SECRET_KEY. OLD_SECRET_KEYS holds the previous keys."""
    keys = [current_app.config["SECRET_KEY"], *current_app.config["SECRET_KEY_FALLBACKS"]]
    rotated = rotate(keys)
    renewed = count_words(rotated.renewed, "secrets", BRITISH)
    click.echo(f"Newly encrypted with this key: {renewed}; {rotated.fresh} already were.")
    for table, row_id in rotated.unreadable:
        click.echo(f"{table} {row_id}: none of the keys decrypts it. Enter it again in Settings.")
    if rotated.unreadable:
        raise click.ClickException("Keep OLD_SECRET_KEYS until these are entered again.")
    click.echo("OLD_SECRET_KEYS is no longer needed for them.")


@click.command("erase-customer")
@click.argument("store")
@click.argument("number")
def erase_customer(store: str, number: str) -> None:
    """Erase a customer's personal data. Orders and the log stay, without the person."""
    shop = db.session.scalar(sa.select(Store).where(Store.name == store))
    if shop is None:
        raise click.ClickException(f"There is no store “{store}”.")
    by_number = sa.select(Customer.id).where(Customer.store_id == shop.id, Customer.number == number)
    customer_id = db.session.scalar(by_number)
    if customer_id is None:
        raise click.ClickException(f"{store} has no customer {number}.")
    about, store_id = f"personal data of customer {number}", shop.id
    erased = complete_erasure.erase_completely(
        store_id,
        customer_id,
        dt.datetime.now(dt.UTC),
        lambda session: audit.note(session, action="erased", about=about, store_id=store_id),
    )
    click.echo(f"Customer {number} is erased from {erased.changed} rows.")
    if not erased.settled:
        raise click.ClickException(
            "Another program is still reading the database. Run this again to clear its journal."
        )

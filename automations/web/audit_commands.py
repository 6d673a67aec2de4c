"""The command that says whether the audit is as it was written."""

from __future__ import annotations

import click

from automations.models import audit_chain
from automations.models.base import db


@click.group("audit")
def group() -> None:
    """Look after the record of who changed what."""


@group.command("verify")
@click.option("--known", multiple=True, help="NUMBER:HASH as an earlier run printed it, kept elsewhere.")
def verify(known: tuple[str, ...]) -> None:
    """Say which rows are not as they were written; ends with 1 if there are any."""
    noted = {int(number): hash for number, _, hash in (one.partition(":") for one in known)}
    found = list(audit_chain.problems(db.session(), noted))
    click.echo("\n".join(found), nl=bool(found))
    if found:
        raise click.ClickException("The audit is not as it was written.")
    head = audit_chain.end(db.session())
    click.echo(f"All {head.number} rows are as they were written.")
    click.echo(f"Note this down elsewhere: {head.number}:{head.hash}")

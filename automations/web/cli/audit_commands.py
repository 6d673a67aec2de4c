"""The command that verifies the hash chain of the audit."""

from __future__ import annotations

import click

from automations.engine.wording.formats import BRITISH, count_words
from automations.models.access import audit_chain
from automations.models.db.base import db


@click.group("audit")
def group() -> None:
    """Check the audit, the record of who changed what."""


@group.command("verify")
@click.option("--known", multiple=True, help="NUMBER:HASH that an earlier run printed, kept elsewhere.")
def verify(known: tuple[str, ...]) -> None:
    """List the rows that were altered after they were written; exit with 1 if there are any."""
    noted = {int(number): hash for number, _, hash in (pair.partition(":") for pair in known)}
    problems = list(audit_chain.problems(db.session(), noted))
    click.echo("\n".join(problems), nl=bool(problems))
    if problems:
        raise click.ClickException("The audit was altered after it was written.")
    head = audit_chain.chain_head(db.session())
    click.echo(f"Unaltered: {count_words(head.number, 'rows', BRITISH)}.")
    click.echo(f"Keep this somewhere else: {head.number}:{head.hash}")

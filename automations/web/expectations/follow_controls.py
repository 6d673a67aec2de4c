"""The controls of what must follow, in a line that reads like the end of the sentence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from flask import g

from automations.features.expectations.follow import (
    ANY,
    ANYBODY,
    AUTOMATION,
    COUNTS,
    CUSTOMER,
    GROUP,
    KINDS,
    RUN,
    UNITS,
    USUAL,
)
from automations.models.db.base import db
from automations.models.tables.automation import Automation
from automations.web.builder.controls import Control, Option, grouped, select

Errors = Mapping[str, str]
_TO = {CUSTOMER: "the customer", ANYBODY: "anybody"}
_WHAT = {"message": "message (email or text message)", RUN: "run (anything that an automation does)"}


def read(form: Mapping[str, str]) -> dict[str, str]:
    """Return what the form says must follow; what it leaves out is as usual."""
    return {part: form.get(f"follow-{part}", usual).strip() for part, usual in USUAL.items()}


def follow_controls(data: Mapping[str, Any], errors: Errors) -> tuple[Control, ...]:
    """Return the controls. Error keys: "follow.amount"."""
    amount = Control(
        "follow-amount",
        "Within how long",
        data["amount"],
        type="decimal",
        word="within",
        placeholder="10",
        error=errors.get("follow.amount", ""),
    )
    kinds = {key: _WHAT.get(key, one) for key, (one, *_) in KINDS.items()}
    counts = {key: words for key, (words, *_) in COUNTS.items()}
    to = _list(data, errors, "to", "To whom", _TO, "to")
    return (
        _list(data, errors, "count", "How many must follow", counts),
        _list(data, errors, "what", "What must follow", kinds, redraws=True),
        _whose(str(data["whose"]), errors),
        *(() if data["what"] == RUN else (to,)),
        amount,
        _list(data, errors, "unit", "Minutes, hours or days", {key: key for key in UNITS}),
    )


def _list(
    data: Mapping[str, Any],
    errors: Errors,
    part: str,
    label: str,
    offered: Mapping[str, str],
    word: str = "",
    redraws: bool = False,
) -> Control:
    error = errors.get(f"follow.{part}", "")
    return select(
        f"follow-{part}", label, data[part], offered.items(), error=error, word=word, redraws=redraws
    )


def _whose(chosen: str, errors: Errors) -> Control:
    rows = db.session.execute(
        sa.select(Automation.id, Automation.name, Automation.group_name, Automation.archived_at)
        .where(Automation.store_id == g.store.id)
        .order_by(Automation.name, Automation.id)
    ).all()
    shown = [row for row in rows if not row.archived_at or chosen == f"{AUTOMATION}{row.id}"]
    groups = sorted({row.group_name for row in rows if row.group_name and not row.archived_at})
    options = [
        Option(ANY, "any automation"),
        *(Option(f"{GROUP}{name}", name, group="Any of the group") for name in groups),
        *(Option(f"{AUTOMATION}{row.id}", row.name, group="The automation") for row in shown),
    ]
    error = errors.get("follow.whose", "")
    return grouped(
        "follow-whose", "Of which automation", chosen, options, strange="what is gone", error=error, word="of"
    )

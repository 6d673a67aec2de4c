"""Read what an API request carries besides its URL: a JSON body, an idempotency key, paging."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Any, TypeVar

import sqlalchemy as sa
from flask import g, request
from flask.globals import request_ctx

from automations.engine.rules.rule_check import Problem
from automations.models.db.base import Base, db
from automations.models.tables.automation import Automation
from automations.pipeline.intake.idempotency import RequestKey, fingerprint
from automations.pipeline.intake.reading import IntakeRefused, RequestNotJson
from automations.web.api.problem_details import refuse

T = TypeVar("T")
Row = TypeVar("Row", bound=Base)

KEY_HEADER = "Idempotency-Key"
LONGEST_KEY = 255
MOST_ON_A_PAGE = 100
LARGEST_ID = 2**63 - 1
NO_AUTOMATION = "This store has no such automation."


def read(work: Callable[[bytes], T]) -> T:
    """Return what `work` reads from the body; an unreadable body ends the request with a problem."""
    asked = request_ctx.request
    if asked.mimetype != "application/json":
        refuse(415, "Not JSON", "Send the header Content-Type: application/json.")
    try:
        return work(asked.get_data())
    except RequestNotJson as error:
        refuse(400, "Not JSON", str(error))
    except IntakeRefused as error:
        refuse(422, "Not accepted", _summary(error.problems), error.problems)


def once() -> RequestKey | None:
    """Return the request's idempotency key, or None."""
    key = request_ctx.request.headers.get(KEY_HEADER)
    if key is None:
        return None
    if not 0 < len(key) <= LONGEST_KEY or not all("!" <= character <= "~" for character in key):
        sentence = (
            f"Give the {KEY_HEADER} header 1 to {LONGEST_KEY} visible ASCII characters, without spaces."
        )
        refuse(400, "Unusable key", sentence)
    return RequestKey(key, fingerprint(request.method, request.path, request.get_data()))


def check_query(takes: Collection[str]) -> None:
    """End the request with a problem unless it has only these query parameters, each at most once.

    Ignored, it would give the answer to another question: to `?status=`, everything.
    """
    problems = [Problem(name, _unknown_parameter(takes)) for name in request.args if name not in takes]
    problems += [
        Problem(name, "Is there more than once. Send it once.")
        for name in takes
        if len(request.args.getlist(name)) > 1
    ]
    if problems:
        refuse(422, "Not accepted", f"{problems[0].path}: {problems[0].sentence}", problems)


def _unknown_parameter(takes: Collection[str]) -> str:
    advice = f"Use {', '.join(takes)}." if takes else "It takes none."
    return f"Is not a parameter of this address. {advice}"


def of_store(model: type[Row], id: int) -> Row | None:
    """Return the row of the key's store with this id, or None."""
    table: Any = model
    own = sa.and_(table.id == min(id, LARGEST_ID), table.store_id == g.store.id)
    found: Row | None = db.session.scalars(sa.select(model).where(own)).one_or_none()
    return found


def automation_or_404(automation_id: int) -> Automation:
    """Return the automation of the key's store, or end the request with a problem."""
    return of_store(Automation, automation_id) or refuse(404, "Not found", NO_AUTOMATION)


def page() -> tuple[int, int]:
    """Return the query parameters `after` and `limit`."""
    return _number("after", 0, 0, LARGEST_ID), _number("limit", 50, 1, MOST_ON_A_PAGE)


def _number(name: str, usual: int, least: int, most: int) -> int:
    text = request.args.get(name)
    if text is None:
        return usual
    if not (text.isascii() and text.isdigit() and len(text) < 20 and least <= int(text) <= most):
        problem = Problem(name, f"Needs a whole number from {least} to {most}.")
        refuse(422, "Not accepted", f"{name}: {problem.sentence}", [problem])
    return int(text)


def _summary(problems: list[Problem]) -> str:
    if len(problems) == 1:
        return problems[0].sentence
    return f"{len(problems)} things have to be changed; nothing was written."

"""Find anything in the store: the palette's hits, and the same as a page that needs no JavaScript."""

from __future__ import annotations

from flask import Blueprint, redirect, render_template, request
from werkzeug.wrappers import Response

from automations.web.palette import automation_hits, places, record_hits
from automations.web.palette.hits import HitGroup, pieces
from automations.web.records import record_search

bp = Blueprint("search", __name__, url_prefix="/search")
bp.add_app_template_global(pieces, "hit_pieces")

#: Hits of one group: on the page, and in the palette.
ON_PAGE, IN_PALETTE, IN_HELP = 20, 5, 3


@bp.get("")
def show() -> str | Response:
    text = _asked()
    exact = record_hits.numbered(text)
    urls = record_hits.urls(exact)
    if len(urls) == 1:
        return redirect(urls[0], 303)
    return render_template("palette/search.html", q=text, groups=_groups(text, exact, ON_PAGE))


@bp.get("/hits")
def hits() -> str:
    text = _asked()
    groups = _groups(text, record_hits.numbered(text), IN_PALETTE)
    return render_template("palette/_hits.html", q=text, groups=groups)


def _asked() -> str:
    return " ".join(request.args.get("q", "").split())[: record_search.LONGEST]


def _groups(text: str, exact: record_hits.Numbered, most: int) -> list[HitGroup]:
    """Return the matches this person may see; a record with exactly this number comes first."""
    records = list(record_hits.groups(text, exact, most)) if text else []
    named = automation_hits.NamedAutomations(text)
    automations = HitGroup("Automations", named.automations(most))
    doings = HitGroup("Do", [*named.doings(most), *places.new(text)][:most])
    pages = HitGroup("Go to", places.pages(text)[:most])
    explained = HitGroup("Help", places.explained(text, IN_HELP))
    found = [*records, automations] if any(exact.values()) else [automations, *records]
    last = (doings, pages) if automation_hits.is_order(text) else (pages, doings)
    return [group for group in (*found, *last, explained) if group.hits or group.all_url]

"""security.txt, which says where to report a vulnerability (RFC 9116)."""

from __future__ import annotations

import datetime as dt

from flask import Blueprint, Response, abort, current_app

#: Readers have to fetch the file again after this, as the contact may have changed.
GOOD_FOR = dt.timedelta(days=180)

bp = Blueprint("well_known", __name__, url_prefix="/.well-known")


@bp.get("/security.txt")
def security() -> Response:
    contact = current_app.config["SECURITY_CONTACT"]
    if not contact:
        abort(404)
    expires = dt.datetime.now(dt.UTC).replace(hour=0, minute=0, second=0, microsecond=0) + GOOD_FOR
    lines = {
        "Contact": contact,
        "Expires": f"{expires:%Y-%m-%dT%H:%M:%SZ}",
        "Canonical": f"{current_app.config['PUBLIC_URL']}/.well-known/security.txt",
        "Preferred-Languages": "en",
    }
    text = "".join(f"{name}: {value}\n" for name, value in lines.items())
    return Response(text, content_type="text/plain; charset=utf-8")

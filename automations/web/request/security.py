"""Installs what protects every page, in the order in which a request passes through it."""

from __future__ import annotations

from typing import Any

from flask import Flask, abort, current_app
from flask.globals import request_ctx
from flask_wtf.csrf import CSRFProtect
from werkzeug.exceptions import HTTPException
from werkzeug.middleware.proxy_fix import ProxyFix

from automations.engine.operators.value_types import counted
from automations.web.kit import cookies
from automations.web.kit.permissions import permission_of
from automations.web.request import authentication, authorization, errors, headers, schema_guard, unavailable
from automations.web.setup.request_limits import LARGE_FILES, LARGEST_UPLOAD

#: Forms behind a link in a message: the signed address says whose they are, and nobody needs to be signed in.
BY_LINK = frozenset({"unsubscribe.update", "daily_summaries.end"})
#: Pages that other programs call, each call with a signature.
SIGNED = frozenset({"hooks", "shop_deliveries"})
#: The key of a WSGI environment that says that a body comes in chunks.
CHUNKED = "HTTP_TRANSFER_ENCODING"
csrf = CSRFProtect()
FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")
#: The only addresses that take files.
TAKE_FILES = ("rule_files.plan", "email_look_settings.update", "email_files.create", "imports.create")
#: More than the longest order needs. Parsing takes time for each field.
MOST_FIELDS = 10_000


def protect(app: Flask) -> None:
    """Install the protections on `app`."""
    if app.config["PROXIES"]:
        count = app.config["PROXIES"]
        # Flask's way to add middleware; the type checker would not let a method be replaced.
        replaceable: Any = app
        replaceable.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)
    app.session_interface = cookies.Sessions()
    headers.register(app)
    errors.register(app)
    schema_guard.register(app)
    unavailable.register(app)
    app.before_request(_allow_large_files)
    app.before_request(_read_chunks)
    app.before_request(_refuse_no_form)
    app.before_request(_refuse_nul)
    authentication.register(app)
    authorization.register(app)
    csrf.init_app(app)
    app.before_request(_check_token)


def _allow_large_files() -> None:
    """Allow the body of an upload to be larger than any other, unless it has to be read into memory."""
    asked = request_ctx.request
    if asked.path == LARGE_FILES and CHUNKED not in asked.environ:
        asked.max_content_length = LARGEST_UPLOAD


def _read_chunks() -> None:
    """Read a chunked body before anything else: on a malformed chunk, a server raises its own exception."""
    asked = request_ctx.request
    if CHUNKED not in asked.environ:
        return
    try:
        asked.get_data()
    except HTTPException:
        raise
    except Exception:
        abort(400, "Its chunks are malformed. Send it again.")


def _refuse_no_form() -> None:
    """Refuse any body but a form, and files where none are asked for: the form library would accept JSON."""
    asked = request_ctx.request
    if asked.method == "GET" or asked.endpoint is None or _is_for_programs():
        return
    takes_files = asked.endpoint in TAKE_FILES
    if asked.mimetype not in ("", *FORMS) or (asked.files and not takes_files):
        abort(415, "Use the form of the page. It takes no files.")
    if asked.mimetype == FORMS[0] and asked.get_data().count(b"&") > MOST_FIELDS:
        abort(413, f"A form has at most {counted(MOST_FIELDS)} fields. Send less at a time.")


def _refuse_nul() -> None:
    """Refuse a NUL, which nobody types and Postgres raises on."""
    asked = request_ctx.request
    texts = [asked.path]
    # Of a signed call, the raw bytes are needed: reading them as a form would use them up.
    reads_form = asked.mimetype in FORMS and asked.blueprint not in SIGNED
    for values in (*([asked.args] if asked.query_string else []), *([asked.form] if reads_form else [])):
        texts += [text for pair in values.items(multi=True) for text in pair]
    if any("\x00" in text for text in texts):
        abort(400, "It contains a character that cannot be stored. Remove it and send it again.")


def _check_token() -> None:
    """Check the form's token. The API and the hooks need none: no browser sends a key by itself."""
    asked = request_ctx.request
    if _is_for_programs() or asked.endpoint in BY_LINK:
        return
    if current_app.config["WTF_CSRF_ENABLED"] and asked.endpoint:
        csrf.protect()


def _is_for_programs() -> bool:
    asked = request_ctx.request
    return asked.blueprint in SIGNED or (permission_of(asked.endpoint or "") or "").startswith("api:")

"""The configuration: what the environment can set, and a safe default for the rest."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import Any

from click import ClickException
from sqlalchemy import make_url

from automations.connectors import egress
from automations.connectors.oidc_provider import Provider
from automations.faults import crash
from automations.models.db.database import engine_options, normal_url, sqlite_path
from automations.web.kit.cookies import session_config

ROOT = Path(__file__).resolve().parents[3]
SHORTEST_SECRET = 32


class BadConfiguration(ClickException):
    """The program must not start with this configuration. The message says what to set."""


def from_environment() -> dict[str, Any]:
    """Return the configuration from environment variables; see docs/operations.md."""
    return {
        "DATABASE_URL": os.environ.get("DATABASE_URL", ""),
        "SECRET_KEY": os.environ.get("SECRET_KEY", ""),
        "PRODUCTION": os.environ.get("PRODUCTION", "") in ("1", "true", "yes"),
        "DATA_FOLDER": os.environ.get("DATA_FOLDER", str(ROOT / "instance")),
        "ASSETS": os.environ.get("ASSETS", "cdn"),
        "TRUSTED_HOSTS": _comma_separated(os.environ.get("TRUSTED_HOSTS", "")),
        # The address customers reach this program by, for links in messages.
        "PUBLIC_URL": os.environ.get("PUBLIC_URL", ""),
        # The port of the web server.
        "PORT": _whole("PORT", os.environ.get("PORT", "8000"), 65_535),
        # Number of our own reverse proxies in front; only their forwarding headers are trusted.
        "PROXIES": _whole("PROXIES", os.environ.get("PROXIES", "0"), 10),
        # Hosts of the private network that actions may call; all others there are refused.
        "ALLOWED_PRIVATE_HOSTS": _comma_separated(os.environ.get("ALLOWED_PRIVATE_HOSTS", "")),
        # The token a monitoring program sends to read /metrics; without one, nobody may.
        "METRICS_TOKEN": os.environ.get("METRICS_TOKEN", ""),
        # Where to report a vulnerability: an email address, or the address of a page.
        "SECURITY_CONTACT": os.environ.get("SECURITY_CONTACT", ""),
        # "text", or "json" for a log collector.
        "LOG_FORMAT": os.environ.get("LOG_FORMAT", "text"),
        # The point at which a test kills the program, see faults/crash.py.
        "CRASH_AT": os.environ.get("CRASH_AT", ""),
        "SECRET_KEY_FALLBACKS": _comma_separated(os.environ.get("OLD_SECRET_KEYS", "")),
        # The OpenID Connect provider that people may sign in through; none without an issuer.
        "OIDC_ISSUER": os.environ.get("OIDC_ISSUER", ""),
        "OIDC_CLIENT_ID": os.environ.get("OIDC_CLIENT_ID", ""),
        "OIDC_CLIENT_SECRET": os.environ.get("OIDC_CLIENT_SECRET", ""),
        "OIDC_LABEL": os.environ.get("OIDC_LABEL", "your work account"),
        "MAX_CONTENT_LENGTH": 8 * 1024 * 1024,
        "MAX_FORM_MEMORY_SIZE": 8 * 1024 * 1024,
        "MAX_FORM_PARTS": 2000,
        # The library's limit of one hour would refuse a form left open over lunch.
        "WTF_CSRF_TIME_LIMIT": None,
        # `security` checks the token itself, once the person is known and not for the API.
        "WTF_CSRF_CHECK_DEFAULT": False,
        "ARGON2": {"time_cost": 2, "memory_cost": 19456, "parallelism": 1},
    }


def _whole(name: str, text: str, most: int) -> int:
    """Return the number. Raises BadConfiguration, with the setting's name, if it is none or above `most`."""
    if not (text.isascii() and text.isdigit() and len(text) < 6 and int(text) <= most):
        raise BadConfiguration(f"Set {name} to a whole number, at most {most}.")
    return int(text)


def finish(config: dict[str, Any]) -> None:
    """Derive the remaining settings and reject unsafe ones.

    Raises BadConfiguration with a sentence that says what to set.
    """
    # Flask-SQLAlchemy would look for a relative file elsewhere than the rest of the program.
    folder = Path(config["DATA_FOLDER"]).absolute()
    config["DATA_FOLDER"] = str(folder)
    if not config["SECRET_KEY"] and not config["PRODUCTION"]:
        config["SECRET_KEY"] = _kept_secret(folder)
    if len(config["SECRET_KEY"]) < SHORTEST_SECRET:
        raise BadConfiguration(
            f"Set SECRET_KEY to at least {SHORTEST_SECRET} random characters, "
            "for example from: python -c 'import secrets; print(secrets.token_urlsafe(48))'"
        )
    if config["METRICS_TOKEN"] and len(config["METRICS_TOKEN"]) < SHORTEST_SECRET:
        raise BadConfiguration(f"Set METRICS_TOKEN to at least {SHORTEST_SECRET} random characters.")
    config["SECURITY_CONTACT"] = _contact(config["SECURITY_CONTACT"])
    if config["LOG_FORMAT"] not in ("text", "json"):
        raise BadConfiguration("Set LOG_FORMAT to text or json.")
    _arm_crash_point(config)
    if not config["TRUSTED_HOSTS"]:
        config["TRUSTED_HOSTS"] = _default_hosts(config["PRODUCTION"])
    config["PUBLIC_URL_IS_SET"] = bool(config["PUBLIC_URL"])
    if not config["PUBLIC_URL"]:
        name = config["TRUSTED_HOSTS"][0]
        config["PUBLIC_URL"] = (
            f"https://{name}" if config["PRODUCTION"] else f"http://{name}:{config['PORT']}"
        )
    config["OIDC"] = _provider(config)
    config.update(session_config(config["PRODUCTION"]))
    egress.allow(config["ALLOWED_PRIVATE_HOSTS"])
    if not config["DATABASE_URL"]:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        config["DATABASE_URL"] = f"sqlite:///{folder / 'store.db'}"
    config["DATABASE_URL"] = _from_here(normal_url(config["DATABASE_URL"]))
    config["SQLALCHEMY_DATABASE_URI"] = config["DATABASE_URL"]
    config["SQLALCHEMY_ENGINE_OPTIONS"] = engine_options(config["DATABASE_URL"])


def _from_here(url: str) -> str:
    """Return a URL with the whole path of a SQLite file."""
    path = sqlite_path(url)
    if path is None or path.is_absolute():
        return url
    return make_url(url).set(database=str(path.absolute())).render_as_string(hide_password=False)


def _provider(config: dict[str, Any]) -> Provider | None:
    if not config["OIDC_ISSUER"]:
        return None
    if not config["OIDC_CLIENT_ID"]:
        raise BadConfiguration(
            "Set OIDC_CLIENT_ID to the client id that your sign-in provider gave this program."
        )
    if config["PRODUCTION"] and not config["OIDC_ISSUER"].startswith("https://"):
        raise BadConfiguration("Set OIDC_ISSUER to an address that begins with https://")
    return Provider(*(config[f"OIDC_{name}"] for name in ("ISSUER", "CLIENT_ID", "CLIENT_SECRET", "LABEL")))


def _contact(text: str) -> str:
    """Return the contact as a URI that a program can open; "" without one."""
    if not text or re.fullmatch(r"(https://|mailto:|tel:)[!-~]+", text):
        return text
    if re.fullmatch(r"[!-?A-~]+@[!-?A-~]+", text):
        return f"mailto:{text}"
    raise BadConfiguration(
        "Set SECURITY_CONTACT to an email address, or to an address that begins with https://"
    )


def _arm_crash_point(config: dict[str, Any]) -> None:
    if config["CRASH_AT"] and config["PRODUCTION"]:
        raise BadConfiguration("CRASH_AT ends the program on purpose: it is for tests, never for production.")
    try:
        crash.arm(config["CRASH_AT"])
    except ValueError as error:
        raise BadConfiguration(str(error)) from error


def _default_hosts(production: bool) -> list[str]:
    if production:
        raise BadConfiguration("Set TRUSTED_HOSTS to the host name people use, for example: shop.example.com")
    return ["localhost", "127.0.0.1", "[::1]"]


def _comma_separated(text: str) -> list[str]:
    return [word.strip() for word in text.split(",") if word.strip()]


def _kept_secret(folder: Path) -> str:
    """Return the secret of this machine, created on first use and readable only by its owner."""
    path = folder / "secret-key"
    if not path.exists():
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_text()

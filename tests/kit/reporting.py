"""Collects the reports of browsers about the content security policy."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import Flask

WHERE = "/policy-reports"
POLICY = "Content-Security-Policy"


class Reporting:
    """The application with a report address added to its policy."""

    def __init__(self, app: Flask) -> None:
        self._app = app
        self.reports: list[str] = []

    def __call__(self, environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        if environ["PATH_INFO"] == WHERE:
            length = int(environ.get("CONTENT_LENGTH") or 0)
            self.reports.append(environ["wsgi.input"].read(length).decode())
            start("204 No Content", [])
            return []

        def with_address(status: str, headers: list[tuple[str, str]], *rest: Any) -> Any:
            with_report_address = [
                (name, f"{value}; report-uri {WHERE}" if name == POLICY else value) for name, value in headers
            ]
            return start(status, with_report_address, *rest)

        return self._app(environ, with_address)

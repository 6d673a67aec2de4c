"""The security advisory check, against fake registries: no answer never counts as no advisories."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from tests.kit.source import ROOT

BULK = "/-/npm/v1/security/advisories/bulk"
#: No server may listen there: the port is below those that are given out.
NOBODY = "http://127.0.0.1:9"
WEAK = {"id": "PYSEC-2026-1", "fixed_in": ["1.0.1"], "withdrawn": None}
TAKEN_BACK = {"id": "PYSEC-2026-2", "fixed_in": [], "withdrawn": "2026-05-01T00:00:00Z"}
OF_NODE = {
    "id": 1,
    "url": "https://advisories.example/GHSA-1",
    "title": "A script runs",
    "vulnerable_versions": "<5",
}


@pytest.fixture
def locks(tmp_path: Path) -> tuple[Path, Path]:
    python, node = tmp_path / "requirements.lock", tmp_path / "package-lock.json"
    python.write_text("petals==1.0 \\\n    --hash=sha256:00\nstems[long]==2.0 ; sys_platform == 'linux' \\\n")
    entries = {"": {"version": "1"}, "node_modules/@buds/core": {"version": "4.0.1"}}
    node.write_text(json.dumps({"packages": entries}))
    return python, node


def registries(server: HTTPServer, weak: Any = None, of_node: Any = None) -> None:
    """Serve both registries; an answer passed in replaces the default, which reports no advisories."""
    python = weak if isinstance(weak, Response) else _of_python(weak or [])
    server.expect_request("/pypi/petals/1.0/json").respond_with_response(python)
    server.expect_request("/pypi/stems/2.0/json").respond_with_response(_of_python([]))
    node = of_node if isinstance(of_node, Response) else Response(json.dumps(of_node or {}))
    server.expect_request(BULK, json={"@buds/core": ["4.0.1"]}).respond_with_response(node)


def _of_python(weak: list[Any]) -> Response:
    return Response(json.dumps({"vulnerabilities": weak}))


def gate(locks: tuple[Path, Path], address: str, seconds: str = "60") -> subprocess.CompletedProcess[str]:
    asked = {"PYPI": address, "NPM": address, "ADVISORY_SECONDS": seconds, "no_proxy": "*"}
    command = [sys.executable, str(ROOT / ".ci" / "advisories.py"), *map(str, locks)]
    return subprocess.run(command, capture_output=True, text=True, env=os.environ | asked)


def test_no_advisories_is_reported_with_the_number_of_packages_checked(
    locks: tuple[Path, Path], httpserver: HTTPServer
) -> None:
    registries(httpserver, [TAKEN_BACK])
    done = gate(locks, httpserver.url_for(""))
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout == "2 packages of Python and 1 of Node: nothing is published.\n"


def test_an_advisory_is_reported_with_its_package_and_fixed_version(
    locks: tuple[Path, Path], httpserver: HTTPServer
) -> None:
    registries(httpserver, [WEAK, WEAK | {"id": "PYSEC-2026-3", "fixed_in": []}], {"@buds/core": [OF_NODE]})
    done = gate(locks, httpserver.url_for(""))
    assert done.returncode == 1
    assert done.stdout.splitlines() == [
        "petals 1.0: PYSEC-2026-1, mended in 1.0.1",
        "petals 1.0: PYSEC-2026-3, mended in no release yet",
        "@buds/core 4.0.1: https://advisories.example/GHSA-1, in <5: A script runs",
        "2 packages of Python and 1 of Node: 3 published weaknesses.",
    ]


def test_an_unreachable_registry_fails_the_check(locks: tuple[Path, Path]) -> None:
    done = gate(locks, NOBODY)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"Could not check, so nothing is known: {NOBODY}" in done.stderr


def test_a_registry_that_hangs_times_out(locks: tuple[Path, Path], httpserver: HTTPServer) -> None:
    over = threading.Event()

    def hang(request: Request) -> Response:
        over.wait(60)
        return Response("{}")

    httpserver.expect_request("/pypi/petals/1.0/json").respond_with_handler(hang)
    registries(httpserver)
    try:
        done = gate(locks, httpserver.url_for(""), "0.5")
    finally:
        over.set()
    assert done.returncode == 2 and "/pypi/" in done.stderr


@pytest.mark.parametrize(
    "answer",
    [
        Response("{}", mimetype="application/json"),
        Response('{"vulnerab', mimetype="application/json"),
        Response("<html>", 200),
        Response("[]", 200),
        Response("No such package", 404),
        Response("Busy", 503),
    ],
    ids=["a mirror without them", "half an answer", "a page", "a list", "not found", "busy"],
)
def test_an_unexpected_answer_fails_the_check(
    locks: tuple[Path, Path], httpserver: HTTPServer, answer: Response
) -> None:
    registries(httpserver, answer)
    done = gate(locks, httpserver.url_for(""))
    assert (done.returncode, done.stdout) == (2, "") and "petals" in done.stderr


def test_node_packages_are_checked_too(locks: tuple[Path, Path], httpserver: HTTPServer) -> None:
    registries(httpserver, of_node=Response("Method Not Allowed", 405))
    done = gate(locks, httpserver.url_for(""))
    assert done.returncode == 2 and f"{BULK} answered 405." in done.stderr


def test_a_lock_file_without_packages_fails_the_check(locks: tuple[Path, Path]) -> None:
    locks[0].write_text("")
    done = gate(locks, NOBODY)
    assert done.returncode == 2 and "names no package" in done.stderr

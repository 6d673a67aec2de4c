"""Ask the registries of Python and Node for published advisories on each package of the lock files.

Needs nothing but Python. `PYPI` and `NPM` in the environment may name mirrors that answer the same requests.
"""

from __future__ import annotations

import concurrent.futures
import json
import os
import re
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
PYPI = os.environ.get("PYPI", "https://pypi.org").rstrip("/")
NPM = os.environ.get("NPM", "https://registry.npmjs.org").rstrip("/")
#: Timeout of one request. When a registry is slower, the check ends with NOT_ASKED and has to be repeated.
SECONDS = float(os.environ.get("ADVISORY_SECONDS", "20"))
AT_ONCE = 8
NONE, FOUND, NOT_ASKED = 0, 1, 2


class NotAsked(Exception):
    """A registry gave no usable answer; `str(error)` names it and the failure."""


def main(lock: Path, packages: Path) -> int:
    """Check every package of both lock files, print the advisories, and return the exit code."""
    try:
        python, node = pinned(lock), installed(packages)
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            found = [line for lines in pool.map(of_python, python) for line in lines]
        found += of_node(node)
    except NotAsked as error:
        print(f"Could not check, so nothing is known: {error}", file=sys.stderr)
        return NOT_ASKED
    for line in found:
        print(line)
    asked = f"{len(python)} packages of Python and {len(node)} of Node"
    print(f"{asked}: {len(found)} published weaknesses." if found else f"{asked}: nothing is published.")
    return FOUND if found else NONE


def pinned(lock: Path) -> list[tuple[str, str]]:
    """Return (name, version) of each package in a Python lock file; raise `NotAsked` if there is none."""
    text = lock.read_text(encoding="utf-8")
    found = re.findall(r"^([\w.-]+)(?:\[[\w,]+\])?==([\w.!+]+)", text, re.MULTILINE)
    if not found:
        raise NotAsked(f"{lock} names no package.")
    return found


def installed(packages: Path) -> dict[str, list[str]]:
    """Return the versions of each package in a Node lock file, by name."""
    found: dict[str, list[str]] = {}
    for path, entry in json.loads(packages.read_text(encoding="utf-8"))["packages"].items():
        if path:
            found.setdefault(path.rpartition("node_modules/")[2], []).append(entry["version"])
    return found


def of_python(package: tuple[str, str]) -> list[str]:
    """Return a line for each published vulnerability of one version."""
    name, version = package
    address = f"{PYPI}/pypi/{name}/{version}/json"
    answer = _asked(address)
    if "vulnerabilities" not in answer:
        raise NotAsked(f"{address} says nothing of weaknesses; a mirror without them is of no use here.")
    return [
        f"{name} {version}: {one['id']}, mended in {', '.join(one.get('fixed_in') or ()) or 'no release yet'}"
        for one in answer["vulnerabilities"]
        if not one.get("withdrawn")
    ]


def of_node(versions: dict[str, list[str]]) -> list[str]:
    """Return a line for each published vulnerability of any of the versions, asked for in one request."""
    answer = _asked(f"{NPM}/-/npm/v1/security/advisories/bulk", versions)
    return list(_lines(answer, versions))


def _lines(answer: Any, versions: dict[str, list[str]]) -> Iterator[str]:
    for name, advisories in answer.items():
        for one in advisories:
            which = f"{name} {', '.join(versions.get(name, ()))}"
            yield f"{which}: {one.get('url') or one['id']}, in {one['vulnerable_versions']}: {one['title']}"


def _asked(address: str, body: Any = None) -> Any:
    data = None if body is None else json.dumps(body).encode()
    question = urllib.request.Request(address, data, {"Content-Type": "application/json"})
    try:
        with urllib.request.urlopen(question, timeout=SECONDS) as answer:
            found = json.load(answer)
    except urllib.error.HTTPError as error:
        raise NotAsked(f"{address} answered {error.code}.") from error
    except (OSError, ValueError) as error:
        raise NotAsked(f"{address} did not answer as it should ({type(error).__name__}).") from error
    if not isinstance(found, dict):
        raise NotAsked(f"{address} did not answer as it should.")
    return found


if __name__ == "__main__":
    given = [Path(path) for path in sys.argv[1:]]
    sys.exit(main(*given or (ROOT / "requirements-test.lock", ROOT / "package-lock.json")))

"""Starts programs in a tenth of a second, by forking a process that has imported the product.

`python -m tests.kit.fire.incubator` reads one JSON object per line and answers each with one:
{"start": arguments, "environment", "log", "patches"} -> {"pid"}, {"wait": pid} -> {"code"}.
A forked program is the real one in its own process; it ends when the incubator does.
All tests of a process share one incubator, because starting it takes seconds.
"""

from __future__ import annotations

import atexit
import contextlib
import ctypes
import gc
import json
import os
import pkgutil
import runpy
import signal
import subprocess
import sys
import threading
from functools import cache
from importlib import import_module
from typing import Any

from flask import Flask
from sqlalchemy.orm import configure_mappers

import automations
from automations.web import blueprints
from tests.kit.fire.programs import ROOT
from tests.kit.routes_once import compile_routes_once

#: Imported once beside the whole product, so that a fork need not.
WARM = ("app", "flask.cli")
_END_WITH_PARENT = 1


class Incubator:
    """The client: starts programs and waits for them to end."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.kit.fire.incubator"],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def start(
        self, arguments: list[str], environment: dict[str, str], log: str, patches: dict[str, Any]
    ) -> int:
        """Start a program and return its pid. `patches` maps "module:name" to values to set.

        `environment` is added to the environment of this process.
        """
        variables = {**os.environ, **environment}
        request = {"start": arguments, "environment": variables, "log": log, "patches": patches}
        return int(self._ask(request)["pid"])

    def wait(self, pid: int) -> int:
        """Wait for a program to end; return its exit code, or minus the signal."""
        return int(self._ask({"wait": pid})["code"])

    def close(self) -> None:
        """End the incubator and all its programs."""
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(timeout=30)

    def _ask(self, request: dict[str, Any]) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        with self._lock:
            print(json.dumps(request), file=self._process.stdin, flush=True)
            answer: dict[str, Any] = json.loads(self._process.stdout.readline())
            return answer


@cache
def incubator() -> Incubator:
    """Return the incubator of this process; it ends with the process."""
    started = Incubator()
    atexit.register(started.close)
    return started


def has_ended(pid: int) -> bool:
    """Return whether a program has ended, waited for or not."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8") as stat:
            return stat.read().rpartition(")")[2].split()[0] in ("Z", "X")
    except FileNotFoundError:
        return True


def main() -> None:
    """Serve requests until the input ends."""
    for name in (*WARM, *_modules_of_the_product()):
        import_module(name)
    configure_mappers()
    # Half of the work of a start.
    compile_routes_once()
    blueprints.register(Flask("routes"))
    # What is imported is not garbage: a collection in a fork need not copy its pages to find that out.
    gc.freeze()
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            print(json.dumps({"code": os.waitstatus_to_exitcode(status)}), flush=True)
            continue
        pid = os.fork()
        if not pid:
            _become(request)
        # Parent and child both set the group, so that it exists before anyone knows the pid.
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.setpgid(pid, pid)
        print(json.dumps({"pid": pid}), flush=True)


def _modules_of_the_product() -> list[str]:
    prefix = f"{automations.__name__}."
    return [module.name for module in pkgutil.walk_packages(automations.__path__, prefix)]


def _become(request: dict[str, Any]) -> None:
    """Become the program; never return."""
    os.setpgid(0, 0)
    ctypes.CDLL(None).prctl(_END_WITH_PARENT, signal.SIGKILL)
    _redirect(request["log"])
    # The incubator may have started under the environment of another test.
    os.environ.clear()
    os.environ.update(request["environment"])
    for place, value in request["patches"].items():
        module, _, name = place.partition(":")
        setattr(import_module(module), name, value)
    code = 1
    try:
        _run(request["start"])
        code = 0
    except SystemExit as left:
        code = left.code if isinstance(left.code, int) else int(left.code is not None)
    except BaseException as error:
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _redirect(log: str) -> None:
    nothing = os.open(os.devnull, os.O_RDONLY)
    file = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for number, target in ((0, nothing), (1, file), (2, file)):
        os.dup2(target, number)


def _run(arguments: list[str]) -> None:
    sys.path.insert(0, str(ROOT))
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        return
    sys.argv = arguments
    runpy.run_path(str(ROOT / arguments[0]), run_name="__main__")


if __name__ == "__main__":
    main()

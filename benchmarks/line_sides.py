"""The builds of the product that `line.py` measures: this one, and the one of another revision."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.kit.databases import PostgresDatabases, postgres_url
from tests.kit.fire.programs import ROOT, answers, free_port

SECRET = "only-for-the-benchmark-" * 2
#: Makes the schema and the shop with the code of the folder it runs in; prints the secret of the key.
PREPARE = (
    "import sys; sys.path.insert(0, '.'); from app import create_app; from benchmarks import line_shop;"
    " print(line_shop.prepare(create_app(), int(sys.argv[1]), mixed=sys.argv[2] == 'True'))"
)
TICKS = os.sysconf("SC_CLK_TCK")
_THREADS = re.compile(r"^ExecStart=\S+/gunicorn .*--threads (\d+)", re.MULTILINE)


@dataclass(frozen=True)
class Build:
    """A folder with the product."""

    name: str
    folder: Path

    def web(self, port: int) -> list[str]:
        """Return the arguments of Python that serve one web process, as its documentation advises.

        It also needs the port as PORT in its environment.
        """
        threads = _THREADS.search((self.folder / "docs" / "operations.md").read_text())
        if threads is None:
            return ["-m", "flask", "--app", "app", "web"]
        serve = ["-m", "gunicorn", "--bind", f"127.0.0.1:{port}", "--workers", "1"]
        return [*serve, "--threads", threads[1], "app:create_app()"]


@dataclass
class Side:
    """One database with the web process of one build, and a client."""

    build: Build
    url: str
    key: str
    port: int
    server: subprocess.Popen[bytes]
    client: Any
    sent: int = 0
    cpu: float = 0.0

    def rate(self, size: int, requests: int, clients: int) -> tuple[float, float]:
        """Post `requests` lists of `size` orders; return orders per second and milliseconds of CPU per order.

        The CPU is that of the web process, which on SQLite includes what the database needs.
        """
        job = {"port": self.port, "key": self.key, "prefix": "H", "first": self.sent}
        job |= {"size": size, "requests": requests, "clients": clients}
        self.sent += size * requests
        before = cpu_of(self.server.pid)
        self.client.stdin.write(json.dumps(job) + "\n")
        self.client.stdin.flush()
        seconds = float(self.client.stdout.readline())
        orders = size * requests
        return orders / seconds, (cpu_of(self.server.pid) - before) * 1000 / orders


@contextmanager
def checked_out(revision: str) -> Iterator[Path]:
    """Yield a folder with the product of another revision; it uses the same installed packages."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "before"
        tree = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*tree, "add", "--quiet", "--detach", str(folder), revision], check=True)
        try:
            yield folder
        finally:
            subprocess.run([*tree, "remove", "--force", str(folder)], check=True)


@contextmanager
def side(build: Build, kind: str, automations: int, mixed: bool) -> Iterator[Side]:
    """Serve a new database, with so many automations, by one web process of the build."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder, port = Path(temporary), free_port()
        url = database_url(kind, folder / "line.db", stack)
        environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": SECRET, "DATA_FOLDER": str(folder)}
        environment["PORT"] = str(port)
        prepare = [sys.executable, "-c", PREPARE, str(automations), str(mixed)]
        prepared = subprocess.run(
            prepare, cwd=build.folder, env=environment, check=True, capture_output=True, text=True
        )
        serve = [sys.executable, *build.web(port)]
        log = stack.enter_context((folder / "log").open("wb"))
        server = subprocess.Popen(serve, cwd=build.folder, env=environment, stdout=log, stderr=log)
        stack.callback(_end, server)
        while not answers(port):
            assert server.poll() is None, (folder / "log").read_text()
        client = subprocess.Popen(
            [sys.executable, str(ROOT / "benchmarks" / "line_client.py")],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        stack.callback(client.kill)
        found = Side(build, url, prepared.stdout.split()[-1], port, server, client)
        found.rate(1, 60, 2)  # the raw side copies rows that must exist first
        yield found


def database_url(kind: str, file: Path, stack: ExitStack) -> str:
    """Return the URL of a new database, which is dropped with the stack."""
    if kind == "sqlite":
        return f"sqlite:///{file}"
    made = PostgresDatabases(postgres_url(hurry=False))
    stack.callback(made.drop)
    return str(made.url)


def _end(server: subprocess.Popen[bytes]) -> None:
    server.terminate()
    server.wait(timeout=60)


def cpu_of(pid: int) -> float:
    """Return the seconds of CPU that a process and its children have used."""
    stat = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    used = (int(stat[11]) + int(stat[12])) / TICKS
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return used + sum(cpu_of(int(child)) for child in children)

"""CPU of an order alone and in batches, in one process without a server, on SQLite.

    python benchmarks/batch.py [--sizes 1,100,1000] [--automations 100] [--turns 12] [--against REVISION]

It counts what the process uses from the request to the answer, the database and Flask's test client included.
With --against, another revision takes the same orders with the same installed packages, in turns with this
one. Other programs on the machine make every figure larger and none smaller, so the smallest counts; the
median shows how quiet it was. Prints a table and, as its last line, one JSON object.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.line_sides import SECRET, checked_out

#: Orders that each side takes in one turn, in requests of any size.
ORDERS = 600
NOW, BEFORE = "now", "before"
#: The product is that of the folder it runs in; a build from before has no batch_side.
START = (
    "import sys; sys.path[:1] = ['.', sys.argv.pop()]; from benchmarks import batch_side;"
    " batch_side.main(*map(int, sys.argv[1:]))"
)
Process = subprocess.Popen[str]


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--sizes", default="1,100,1000")
    options.add_argument("--automations", type=int, default=100)
    options.add_argument("--turns", type=int, default=12)
    options.add_argument("--against", metavar="REVISION")
    given = options.parse_args()
    result = {}
    with ExitStack() as stack:
        builds = {NOW: ROOT}
        if given.against:
            builds[BEFORE] = stack.enter_context(checked_out(given.against))
        for size in map(int, given.sizes.split(",")):
            result[f"{size}"] = measure(builds, size, given.automations, given.turns)
    print(json.dumps(result))


def measure(builds: dict[str, Path], size: int, automations: int, turns: int) -> dict[str, float]:
    """Print the CPU of an order in requests of this size; return the smallest of each build."""
    found: dict[str, list[float]] = {name: [] for name in builds}
    with ExitStack() as stack:
        sides = {
            name: stack.enter_context(side(folder, size, automations)) for name, folder in builds.items()
        }
        for _ in range(turns):
            for name, process in sides.items():
                found[name] += answers_of(process, max(1, ORDERS // size))
    load = " ".join(f"{value:.1f}" for value in os.getloadavg())
    print(f"requests of {size:,}, {automations:,} automations, load average {load}")
    for name, values in found.items():
        print(f"  {name:>6}: {min(values):.3f} ms of CPU an order, median {statistics.median(values):.3f}")
    return {name: round(min(values), 4) for name, values in found.items()}


@contextmanager
def side(folder: Path, size: int, automations: int) -> Iterator[Process]:
    """Start a build on a new database; it has taken its first orders."""
    with tempfile.TemporaryDirectory() as temporary:
        url = f"sqlite:///{temporary}/batch.db"
        environment = {**os.environ, "DATABASE_URL": url, "SECRET_KEY": SECRET, "DATA_FOLDER": temporary}
        command = [sys.executable, "-c", START, str(size), str(automations), str(ROOT)]
        with subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        ) as process:
            assert process.stdin and process.stdout
            while not process.stdout.readline().startswith("[]"):
                assert process.poll() is None
            yield process
            process.stdin.close()


def answers_of(process: Process, requests: int) -> list[float]:
    """Let a build take so many requests; return the CPU of an order in each."""
    assert process.stdin and process.stdout
    process.stdin.write(f"{requests}\n")
    process.stdin.flush()
    values: list[float] = json.loads(process.stdout.readline())
    return values


if __name__ == "__main__":
    main()

"""What the program costs while nothing happens: its share of a processor, and its memory.

    python benchmarks/idle.py [--seconds 60] [--settle 70] [--database sqlite|postgres]

Starts `app.py`, web server and worker in one process, on a new database, opens one page so that everything
is loaded that a page needs, waits until what happens once after a start is over, and then reads the
processor time and the memory of the process. The sample shop with its
automations is there. The last line is JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from tests.kit.databases import PostgresDatabases, postgres_url
from tests.kit.fire.programs import Program, free_port

TICKS = os.sysconf("SC_CLK_TCK")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=60.0)
    options.add_argument(
        "--settle", type=float, default=70.0, help="seconds until what a start costs is over"
    )
    options.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    given = options.parse_args()
    print(f"{os.cpu_count()} processors, load average {os.getloadavg()[0]:.1f}, {given.database}")
    with running(given) as pid:
        time.sleep(given.settle)
        began, used, before = time.monotonic(), processor_time(pid), switches(pid)
        time.sleep(given.seconds)
        passed = time.monotonic() - began
        share = (processor_time(pid) - used) / passed
        wakes, memory = (switches(pid) - before) / passed, resident(pid)
    print(f"{share:.2%} of a processor, {wakes:.0f} wake-ups a second, {memory:.0f} MB")
    result = {"cpu_share": round(share, 4), "wakes_per_second": round(wakes, 1), "memory_mb": round(memory)}
    print(json.dumps(result))


@contextmanager
def running(given: argparse.Namespace) -> Iterator[int]:
    """Run the program on a new database; yield its process id."""
    with tempfile.TemporaryDirectory() as temporary, ExitStack() as stack:
        folder, port = Path(temporary), free_port()
        environment = {"DATA_FOLDER": str(folder), "PORT": str(port), "ASSETS": "local"}
        environment |= {"SECRET_KEY": "only-for-the-benchmark-" * 2}
        if given.database == "postgres":
            made = PostgresDatabases(postgres_url(hurry=False))
            stack.callback(made.drop)
            environment["DATABASE_URL"] = made.url
        program = Program(["app.py"], environment, folder / "log", port, root=ROOT)
        program.start()
        stack.callback(program.kill)
        program.wait_until_ready()
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/") as page:
            page.read()
        assert program.process
        yield program.process.pid


def processor_time(pid: int) -> float:
    """The seconds of processor time that a process has used."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def switches(pid: int) -> int:
    """How often its threads have gone to sleep."""
    wanted, total = "voluntary_ctxt_switches:", 0
    for status in Path(f"/proc/{pid}/task").glob("*/status"):
        lines = status.read_text().splitlines()
        total += sum(int(line.split()[1]) for line in lines if line.startswith(wanted))
    return total


def resident(pid: int) -> float:
    """Its memory, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) / 1024


if __name__ == "__main__":
    main()

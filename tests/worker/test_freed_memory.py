"""What large objects have freed goes back to the operating system, although something behind them stays."""

from __future__ import annotations

import subprocess
import sys

import pytest

from automations.worker import freed_memory

_PROGRAM = """
from pathlib import Path
from automations.worker import freed_memory

def resident():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS:")) // 1024

pieces = [bytearray(50_000) for _ in range(1000)]
stays = pieces.pop()
pieces.clear()
before = resident()
print(freed_memory.give_back(), before - resident())
"""


def test_memory_that_was_freed_is_given_back() -> None:
    said = subprocess.run([sys.executable, "-c", _PROGRAM], capture_output=True, text=True, check=True)
    gave_back, megabytes = said.stdout.split()
    # Another C library than the GNU one keeps it.
    assert gave_back == str(freed_memory._trim is not None)
    assert (int(megabytes) > 30) is (freed_memory._trim is not None)


def test_a_machine_with_another_c_library_keeps_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(freed_memory, "_trim", None)
    assert not freed_memory.give_back()

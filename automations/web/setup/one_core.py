"""Keeps the program on one core of the machine, the one that others use least.

Python runs one thread at a time. To pass the turn to a thread on another core costs several times what it
costs on the same one, and with sixteen threads that was up to a fifth of the work: see
docs/decisions/why-a-process-keeps-to-one-core.md. Where the system has no such choice, or says nothing about
its cores, everything stays as it is.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path

#: Seconds between two looks at what the cores do.
LOOK_EVERY = 1.0
#: Of a core: what others may use of ours, and how much less they have to use of another one.
SHARED, WORTH_MOVING = 0.25, 0.2
#: Of a core: a program that uses less need not look for a better one.
IDLE = 0.1
STAT = Path("/proc/stat")
#: Of a line of a core: user, nice, system, interrupts, and what was taken by other virtual machines.
_BUSY = (1, 2, 3, 6, 7, 8)


def keep_to_one_core() -> None:
    """Bind this process, with all its threads, to one of the cores it may use."""
    if not hasattr(os, "sched_setaffinity"):
        return
    cores = os.sched_getaffinity(0)
    if len(cores) < 2 or not busy_seconds():
        return
    bound = _bound_to()
    fewest = min(bound[core] for core in cores)
    free = sorted(core for core in cores if bound[core] == fewest)
    core = free[_chance(len(free))]
    # A sandbox may refuse it.
    with contextlib.suppress(OSError):
        os.sched_setaffinity(0, {core})
        _bind(core)
        threading.Thread(target=Keeper(core, cores).run, name="one-core", daemon=True).start()


def better_core(core: int, own: float, busy: Mapping[int, float]) -> int | None:
    """Return the core to move to from `core`; None to stay.

    `busy` has the share of its time that each core was busy, and `own` what this process used of `core`.
    """
    others = {**busy, core: busy[core] - own}
    best = min(others, key=others.__getitem__)
    is_shared = others[core] > SHARED and others[core] - others[best] > WORTH_MOVING
    return best if is_shared else None


def busy_seconds() -> dict[int, float]:
    """Return how long each core was busy since the system started; nothing if the system does not say.

    Source: proc_stat(5).
    """
    try:
        lines = [line.split() for line in STAT.read_text().splitlines()]
    except OSError:
        return {}
    tick = os.sysconf("SC_CLK_TCK")
    cores = (line for line in lines if line[0][:3] == "cpu" and line[0][3:].isdigit())
    return {int(line[0][3:]): sum(int(line[place]) for place in _BUSY) / tick for line in cores}


class Keeper:
    """Moves the process when others need its core."""

    def __init__(self, core: int, cores: set[int]) -> None:
        self.core = core
        self._cores = cores

    def run(self) -> None:
        before: dict[int, float] = {}
        while True:
            began, own = time.monotonic(), time.process_time()
            time.sleep(LOOK_EVERY)
            seconds = time.monotonic() - began
            used = (time.process_time() - own) / seconds
            # To ask costs a millisecond on a large machine.
            now = busy_seconds() if used > IDLE else {}
            known = self._cores & before.keys() & now.keys()
            self.look(used, {core: (now[core] - before[core]) / seconds for core in known})
            before = now

    def look(self, own: float, busy: Mapping[int, float]) -> None:
        """Move to a core that others use less, every other time: those it shares its core with look too."""
        better = better_core(self.core, own, busy) if self.core in busy else None
        if better is not None and _chance(2):
            self.core = better
            _bind(better)


def _chance(ways: int) -> int:
    """Return a number below `ways`, by the microseconds of the clock."""
    return time.monotonic_ns() // 1000 % ways


def _bind(core: int) -> None:
    # Twice: while one thread is bound, another may start one.
    for _ in range(2):
        for task in Path("/proc/self/task").iterdir():
            # It may have ended.
            with contextlib.suppress(OSError):
                os.sched_setaffinity(int(task.name), {core})
                # A thread that gets its turn must not push aside the one that gives it: Linux would switch
                # to it, find it waiting for Python's lock, and switch back.
                if os.sched_getscheduler(int(task.name)) == os.SCHED_OTHER:
                    os.sched_setscheduler(int(task.name), os.SCHED_BATCH, os.sched_param(0))


def _bound_to() -> Counter[int]:
    """Return how many programs of this machine are bound to each core alone."""
    bound: Counter[int] = Counter()
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            cores = os.sched_getaffinity(int(folder.name))
            # Threads of the kernel have no command line; most are bound to a core.
            if len(cores) == 1 and (folder / "cmdline").read_bytes():
                bound.update(cores)
    return bound

"""A column of the past as codes and as roaring bitmaps: how long a question takes, and how large each is.

    pip install -r benchmarks/requirements.txt
    python benchmarks/columns.py

Two conditions joined by "and": an equality on a column with 5 values and a range on one with 10,000. Codes
are looked up in the answers per value; bitmaps are united per value and intersected. Both answer the same
set, which is asserted, and take turns in the same run. Prints a table and, as its last line, one JSON object.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from typing import Any

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

SIZES = (100_000, 1_000_000)
FEW, MANY = 5, 10_000
WANTED, LOW, HIGH = 2, 3_000, 7_000
ROUNDS = 15
NAMES = ("codes_ms", "bitmaps_ms", "ratio", "codes_kb", "bitmaps_kb")


def main() -> None:
    """Measure each size and print what was found."""
    print(f"load average {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors; medians of processor time")
    print(f"{'':>11} {'codes ms':>10} {'bitmaps ms':>11} {'ratio':>7} {'codes kB':>9} {'bitmaps kB':>11}")
    said = {}
    for size in SIZES:
        row = _measured(size)
        print(f"{size:>11,} {row[0]:>10.2f} {row[1]:>11.2f} {row[2]:>7.2f} {row[3]:>9,.0f} {row[4]:>11,.0f}")
        said[str(size)] = {name: round(value, 2) for name, value in zip(NAMES, row, strict=True)}
    print(json.dumps(said))


def _measured(size: int) -> tuple[float, ...]:
    random = np.random.default_rng(size)
    few = random.integers(0, FEW, size).astype(np.uint8)
    many = random.integers(0, MANY, size).astype(np.uint16)
    maps_of_few, maps_of_many = _bitmaps(few, FEW), _bitmaps(many, MANY)
    values = np.arange(MANY)
    is_wanted, is_between = np.arange(FEW) == WANTED, (values >= LOW) & (values <= HIGH)

    def codes() -> int:
        return int(np.count_nonzero(is_wanted[few] & is_between[many]))

    def bitmaps() -> int:
        return len(maps_of_few[WANTED] & BitMap.union(*maps_of_many[LOW : HIGH + 1]))

    assert codes() == bitmaps()
    by_codes, by_bitmaps = _in_turns(codes, bitmaps)
    of_bitmaps = sum(len(one.serialize()) for one in (*maps_of_few, *maps_of_many))
    milliseconds = (by_codes * 1e3, by_bitmaps * 1e3, by_bitmaps / by_codes)
    return (*milliseconds, (few.nbytes + many.nbytes) / 1e3, of_bitmaps / 1e3)


def _bitmaps(codes: npt.NDArray[np.unsignedinteger[Any]], values: int) -> list[BitMap]:
    order = np.argsort(codes, kind="stable")
    ends = np.searchsorted(codes[order], np.arange(values + 1))
    maps = [BitMap(order[ends[value] : ends[value + 1]].astype(np.uint32)) for value in range(values)]
    for one in maps:
        one.run_optimize()
    return maps


def _in_turns(first: Callable[[], int], second: Callable[[], int]) -> tuple[float, float]:
    """Return the median seconds of processor time of both, asked in turns."""
    took: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for times, ask in zip(took, (first, second), strict=True):
            begun = time.process_time()
            ask()
            times.append(time.process_time() - begun)
    return float(np.median(took[0])), float(np.median(took[1]))


if __name__ == "__main__":
    main()

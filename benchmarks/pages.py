"""How long every page takes to answer, in a shop with a million occurrences, and with ten.

    python benchmarks/pages.py [--database sqlite|postgres] [--big | --sample] [--tries 20] [--folder FOLDER]

The sample shop is multiplied inside the database by `pages_grow.py`, and its evaluations are counted as a
worker counts them. Then every page that a person can open is asked for through the application itself: with
records of every kind, with the newest page of a list, one half way and one near its end, with every filter,
and with searches that find much, little and nothing. With --big there are ten million occurrences as well;
with --sample only the sample shop as it is. --folder keeps what was built and uses it again.

Prints the pages, slowest first, with the time that a person waits and the time that this process keeps a
processor busy, which says more where other programs run beside it; and as its last line the numbers to keep
as JSON.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time, sleep

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from benchmarks import pages_addresses, pages_shop

MILLION = 1_000_000
#: Answers before measuring, so that what a process keeps is there.
WARM_UP = 2
SHOWN = 30
#: Milliseconds: the targets at a million and at ten.
LIMITS = (50, 100)
#: A rest after each answer, as a share of its time: what has real-time priority and never rests is stopped
#: by Linux for 50 ms of each second, which would look like a slow page.
REST = 0.1
HEADING = "".join(f"{name:>10}" for name in ("p50 ms", "p95 ms", "CPU p50", "CPU p95"))
RESULTS = (
    ("worst_median_ms_sample", 0, "median"),
    ("worst_p95_ms_1m", MILLION, "p95"),
    ("worst_p95_ms_10m", 10 * MILLION, "p95"),
    ("worst_processor_median_ms_sample", 0, "processor_median"),
    ("worst_processor_p95_ms_1m", MILLION, "processor_p95"),
    ("worst_processor_p95_ms_10m", 10 * MILLION, "processor_p95"),
)


@dataclass(frozen=True, slots=True)
class PageTime:
    """One address, and the milliseconds of its answers, by the clock and by the processor, shortest first."""

    address: str
    status: int
    taken: tuple[float, ...]
    busy: tuple[float, ...]

    @property
    def median(self) -> float:
        return statistics.median(self.taken)

    @property
    def p95(self) -> float:
        return _p95(self.taken)

    @property
    def processor_median(self) -> float:
        return statistics.median(self.busy)

    @property
    def processor_p95(self) -> float:
        return _p95(self.busy)


def _p95(taken: Sequence[float]) -> float:
    return taken[max(-(-len(taken) * 95 // 100) - 1, 0)]


def main() -> None:
    """Print a table for each size and, as the last line, the numbers to keep as JSON."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    options.add_argument("--database", choices=("sqlite", "postgres"), default="sqlite")
    options.add_argument("--big", action="store_true", help="ten million occurrences too")
    options.add_argument("--sample", action="store_true", help="the sample shop as it is, and nothing else")
    options.add_argument("--occurrences", type=int, help="so many occurrences instead of a million")
    options.add_argument("--tries", type=int, default=20)
    options.add_argument("--folder", type=Path, help="keep what is built here, and use it again")
    options.add_argument("--only", default="", help="only addresses that contain this")
    options.add_argument("--build", action="store_true", help="build the shops and measure nothing")
    given = options.parse_args()
    if given.occurrences:
        sizes = [given.occurrences]
    else:
        sizes = [0] if given.sample else [0, MILLION, *([10 * MILLION] if given.big else [])]
    print(f"load average {os.getloadavg()[0]:.2f}, {os.cpu_count()} processors, {given.database}", flush=True)
    found: dict[int, list[PageTime]] = {}
    after: dict[int, list[PageTime]] = {}
    for size in sizes:
        kept = given.folder is not None
        with (
            _folder(given.folder, size) as folder,
            pages_shop.prepared(given.database, folder, size, kept) as shop,
        ):
            if not given.build:
                pages = pages_addresses.addresses(shop)
                wanted = [one for one in pages if given.only in one]
                found[size] = measured(shop, wanted, given.tries)
                show(size, "pages; the slowest", found[size])
                after[size] = measured(shop, pages_addresses.later(shop, wanted), given.tries)
                show(size, "parts that pages load after", after[size])
    results = {name: worst(found.get(size), figure) for name, size, figure in RESULTS}
    parts = {f"{name}_after": worst(after.get(size), figure) for name, size, figure in RESULTS}
    print(json.dumps(results | {name: figure for name, figure in parts.items() if figure}))


@contextmanager
def _folder(kept: Path | None, size: int) -> Iterator[Path]:
    """A folder for the database of this size; it goes afterwards unless a person wants to keep it."""
    if kept is None:
        with tempfile.TemporaryDirectory() as made:
            yield Path(made)
        return
    folder = kept / f"{size}"
    folder.mkdir(parents=True, exist_ok=True)
    yield folder


def measured(shop: pages_shop.Shop, addresses: Sequence[str], tries: int) -> list[PageTime]:
    """Return how long each address takes, the slowest first: by the processor, or by the median of the clock.

    By the processor alone, a page that waits for its database would stand at the end.
    """
    times = [_time(shop, address, tries) for address in addresses]
    # Not every combination of kinds and ids is a page.
    return sorted(
        (one for one in times if one.status != 404), key=lambda one: -max(one.processor_p95, one.median)
    )


def _time(shop: pages_shop.Shop, address: str, tries: int) -> PageTime:
    taken, busy = [], []
    for place in range(-WARM_UP, tries):
        begun, used = perf_counter(), process_time()
        answer = shop.client.get(address)
        # The text is part of the page, also where it is written piece by piece.
        answer.get_data()
        if place >= 0:
            taken.append((perf_counter() - begun) * 1000)
            busy.append((process_time() - used) * 1000)
        sleep((perf_counter() - begun) * REST)
    if answer.status_code >= 400 and answer.status_code != 404:
        raise SystemExit(f"{address} answered {answer.status_code}.")
    return PageTime(address, answer.status_code, tuple(sorted(taken)), tuple(sorted(busy)))


def show(size: int, kind: str, times: Sequence[PageTime]) -> None:
    """Print the slowest."""
    what = f"{size:,} occurrences" if size else "the sample shop"
    print(f"\n{what}: {len(times)} {kind}\n{HEADING}  page")
    for one in times[:SHOWN]:
        figures = (one.median, one.p95, one.processor_median, one.processor_p95)
        print("".join(f"{figure:>10.1f}" for figure in figures) + f"  {one.address}")
    for limit in LIMITS:
        clock, processor = (
            sum(getattr(one, figure) > limit for one in times) for figure in ("p95", "processor_p95")
        )
        print(f"95th percentiles above {limit} ms: {clock} by the clock, {processor} by the processor")
    print(flush=True)


def worst(times: Sequence[PageTime] | None, figure: str) -> float | None:
    """Return the largest median or p95 of all pages; None if they were not asked."""
    return round(max(getattr(one, figure) for one in times), 1) if times else None


if __name__ == "__main__":
    main()

"""A client in a process of its own: reads jobs from standard input, answers each with seconds taken.

It keeps to one core, as its threads would otherwise take most of both from the programs that are measured.
"""

from __future__ import annotations

import http.client
import json
import sys
import threading
from pathlib import Path
from time import perf_counter

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from automations.web.setup.one_core import keep_to_one_core
from benchmarks.line_shop import body


def main() -> None:
    keep_to_one_core()
    for line in sys.stdin:
        job = json.loads(line)
        path = "/api/orders" if job["size"] == 1 else "/api/orders/batch"
        bodies = [
            body(job["first"] + place * job["size"], job["size"], job["prefix"])
            for place in range(job["requests"])
        ]
        shares = [bodies[place :: job["clients"]] for place in range(job["clients"])]
        threads = [
            threading.Thread(target=_post, args=(job["port"], path, job["key"], share)) for share in shares
        ]
        began = perf_counter()
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        print(perf_counter() - began, flush=True)


def _post(port: int, path: str, key: str, bodies: list[bytes]) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
    for content in bodies:
        connection.request("POST", path, content, headers)
        answer = connection.getresponse()
        text = answer.read()
        if answer.status not in (200, 201):
            raise SystemExit(f"{answer.status}: {text[:500]!r}")


if __name__ == "__main__":
    main()

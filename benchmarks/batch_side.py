"""One build of the product in one process, without a server: what `batch.py` starts in the folder of a build.

Reads a number of requests per line and answers with the CPU of an order in each of them, in milliseconds.
"""

from __future__ import annotations

import json
import sys
import time

from app import create_app
from benchmarks import line_shop

WARM = 5


def main(size: int, automations: int) -> None:
    app = create_app()
    secret = line_shop.prepare(app, automations)
    client, sent = app.test_client(), 0
    address = "/api/orders" if size == 1 else "/api/orders/batch"
    headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}

    def cpu() -> float:
        nonlocal sent
        body = line_shop.body(sent, size, "B")
        sent += size
        before = time.process_time()
        response = client.post(address, data=body, headers=headers)
        used = time.process_time() - before
        assert response.status_code < 300, response.text
        return used * 1000 / size

    for _ in range(WARM):
        cpu()
    print("[]", flush=True)
    for line in sys.stdin:
        print(json.dumps([cpu() for _ in range(int(line))]), flush=True)


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))

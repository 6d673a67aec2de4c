"""A till that posts orders and repeats each until it is acknowledged."""

from __future__ import annotations

import threading
from typing import Any

import requests


class SingleOrderTill(threading.Thread):
    """Posts `count` paid deliveries; `acknowledged` holds the numbers that were answered with 2xx."""

    def __init__(self, port: int, key: str, name: str, count: int) -> None:
        super().__init__(daemon=True)
        self.port, self.key, self.prefix, self.count = port, key, name, count
        self.acknowledged: list[str] = []
        #: Set it to make the till give up.
        self.enough = threading.Event()

    def run(self) -> None:
        for place in range(self.count):
            number = f"{self.prefix}-{place}"
            while not self._post(number):
                if self.enough.wait(0.05):
                    return
            self.acknowledged.append(number)

    def _post(self, number: str) -> bool:
        order: dict[str, Any] = {
            "number": number,
            "status": "Confirmed",
            "payment_status": "Paid",
            "fulfilment_method": "Delivery",
            "total": "86.50",
            "customer": {"number": "C-1"},
        }
        headers = {"Authorization": f"Bearer {self.key}", "Idempotency-Key": number}
        try:
            url = f"http://127.0.0.1:{self.port}/api/orders"
            answer = requests.post(url, json=order, headers=headers, timeout=60)
        except requests.RequestException:
            return False
        return answer.status_code in (200, 201)

"""What keys may use, written down by hand as in `who_may`: addresses, and which scope opens which."""

from __future__ import annotations

#: "METHOD address" of everything that is for keys.
KEYS = """
    GET /api/<any(orders, events, customers):plural>
    GET /api/<any(orders, events, customers):plural>/<path:number>
    GET /api/automations/<int:automation_id>/backtests/<int:backtest_id>
    GET /api/automations/<int:automation_id>/backtests/<int:backtest_id>/rows
    GET /api/automations/<int:automation_id>/examples
    GET /api/automations/<int:automation_id>/past
    POST /api/automations/<int:automation_id>/backtests
    POST /api/automations/<int:automation_id>/examples
    PATCH /api/automations/<int:automation_id>/examples/<int:example_id>
    DELETE /api/automations/<int:automation_id>/examples/<int:example_id>
    GET /api/deliveries
    GET /api/deliveries/<int:run_id>
    PATCH /api/<any(orders, events, customers):plural>/<path:number>
    POST /api/<any(orders, events, customers):plural>
    POST /api/<any(orders, events, customers):plural>/batch
    POST /api/deliveries/<int:run_id>/arrivals
    POST /api/deliveries/<int:run_id>/resends
    POST /api/deliveries/<int:run_id>/retries
"""

_READ = {"GET /api/{}", "GET /api/{}/999999999"}
_WRITE = {"POST /api/{}", "PATCH /api/{}/999999999", "POST /api/{}/batch"}
_DELIVERIES = {
    "GET /api/deliveries",
    "GET /api/deliveries/999999999",
    "POST /api/deliveries/999999999/arrivals",
    "POST /api/deliveries/999999999/resends",
    "POST /api/deliveries/999999999/retries",
}
_AUTOMATIONS = {
    "POST /api/automations/999999999/backtests",
    "GET /api/automations/999999999/backtests/999999999",
    "GET /api/automations/999999999/backtests/999999999/rows",
    "GET /api/automations/999999999/examples",
    "GET /api/automations/999999999/past",
}
_EXAMPLES = {
    "POST /api/automations/999999999/examples",
    "PATCH /api/automations/999999999/examples/999999999",
    "DELETE /api/automations/999999999/examples/999999999",
}


def _of(lines: set[str], *plurals: str) -> set[str]:
    return {line.format(plural) for line in lines for plural in plurals}


_ALL = ("orders", "events", "customers")
#: The scope of a key -> all that it may use.
KEY_MAY_USE = {
    "read": _of(_READ, *_ALL),
    "write": _of(_READ | _WRITE, *_ALL),
    "orders:write": _of(_READ | _WRITE, "orders"),
    "events:write": _of(_READ | _WRITE, "events"),
    "customers:write": _of(_READ | _WRITE, "customers"),
    "deliveries:write": _DELIVERIES,
    "automations:read": _AUTOMATIONS,
    "examples:write": _AUTOMATIONS | _EXAMPLES,
}
OF_THE_API = _of(_READ | _WRITE, *_ALL) | _DELIVERIES | _AUTOMATIONS | _EXAMPLES

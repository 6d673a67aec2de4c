"""Receives a change, evaluates its occurrences, writes their runs: one transaction.

Imports `runs` and `records`; a sale loads no connector (`tests/test_import_closure.py`).
"""

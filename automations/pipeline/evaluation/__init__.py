"""Receives a change, evaluates its occurrences, writes their runs: one transaction.

Imports `runs` and `records`, no connector.
"""

"""A change is received, its occurrence evaluated, its runs written: one transaction.

Imports `runs` and `records`; a sale loads no connector (`tests/test_import_closure.py`).
"""

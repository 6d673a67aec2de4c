"""A change is received, its occurrence evaluated, its runs written: one transaction.

Imports `runs` and `records`, no connector.
"""

"""The state of runs: claimed, retried, held, decided by a person; and the fence against a second worker.

Imports `records`.
"""

"""Who may come in: sign-ins, passwords, API keys, memberships, and the audit of all they do.

Imports `tables` and `db`.
"""

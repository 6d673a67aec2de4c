"""What a store sets up: its lists of choices, mail server, gateways, webhook endpoints.

Imports `access` and below.
"""

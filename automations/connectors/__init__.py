"""One provider per file: mail servers, gateways, carriers, and the only HTTP client (`egress`).

May import `engine`.
"""

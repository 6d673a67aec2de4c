"""A rule, how rule data is checked and typed, and the calendar of time triggers.

Imports `fields` and `operators`.
"""

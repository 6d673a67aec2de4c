"""The rules, pure: values in, verdicts and words out. Standard library only: no clock, no files, no database.

Imports nothing of ours.
"""

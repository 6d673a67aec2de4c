"""What a record can be asked: subjects with their fields and triggers, and how a snapshot is read.

Imports `operators`.
"""

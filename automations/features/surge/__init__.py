"""What is usual for each automation by its past, and what managers decide about those that were held.

Imports: models, pipeline, features.past.
"""

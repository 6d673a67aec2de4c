"""Turns what tills, forms, webhooks and carriers send into typed changes. Imports `evaluation` and below."""

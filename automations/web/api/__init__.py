"""The JSON API with its OpenAPI document, and incoming webhooks. Imports `request` and `kit`."""

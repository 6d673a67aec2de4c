"""Configuration, logging, assets, and the embedded server. Imports `kit`."""

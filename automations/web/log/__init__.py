"""Activity, audit, and the runs that need a person. Imports `records` and `kit`."""

"""Whether the database answers, and the figures that monitoring reads. Imports `tables` and `db`."""

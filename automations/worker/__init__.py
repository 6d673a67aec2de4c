"""The worker process: periodic jobs, recovery after a death, cleanup. Imports `features` and `pipeline`."""

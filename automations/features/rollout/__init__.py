"""Going live: what a draft changes and whom it reaches, and what a version in shadow mode would have done."""

"""Checks of a draft before it is switched on: each with a witness from the past, an example or a proof."""

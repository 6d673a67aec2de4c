"""The builder's own controls in a real browser."""

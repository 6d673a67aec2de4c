"""What managers and operators do with the line. It may import the line; the line never imports it."""

"""Due runs leave: relayed, claimed, performed, settled. Imports `intake` and below."""

"""Due runs leave: relayed, claimed, performed, settled. Imports `effects` and below."""

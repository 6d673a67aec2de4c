"""The backtest: for whom a draft changes something, over the recorded past. It writes only its own rows."""

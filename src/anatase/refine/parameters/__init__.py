"""Parameters by name, their limits and ties, and the free variables behind them."""

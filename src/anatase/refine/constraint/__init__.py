"""What ties, bounds and holds parameters, and the free variables that are left."""

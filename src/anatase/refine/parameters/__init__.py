"""The parameters of a model by name, and their limits."""

"""The pattern that a model gives, and its derivatives."""

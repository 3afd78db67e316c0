"""Refinements that other programs' files state."""

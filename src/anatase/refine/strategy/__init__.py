"""The steps of a refinement, and what is kept of them."""

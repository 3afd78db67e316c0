"""Where a refinement starts: cells on their peaks, backgrounds, widths."""

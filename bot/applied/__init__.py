"""What each effect does to the rows: one file per area, exporting `HANDLERS`, found by scanning."""

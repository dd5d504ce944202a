"""The pages of the member page: one file each, exporting `VIEW`, found by scanning."""

"""What is done every night in each community: one file per chore, exporting `CHORE`."""

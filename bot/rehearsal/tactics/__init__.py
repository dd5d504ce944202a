"""One file per game whose right and wrong moves a simulated member should know; each exports an
instance as `TACTICS` (contract: bot/rehearsal/tactic.py). A game without a file gets guesses."""

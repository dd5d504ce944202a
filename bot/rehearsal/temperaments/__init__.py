"""One file per temperament; each exports an instance as `TEMPERAMENT` (contract:
bot/rehearsal/temperament.py)."""

"""One file per kind of thing that members answer; each exports an instance as `OCCASIONS`
(contract: bot/rehearsal/occasion.py)."""

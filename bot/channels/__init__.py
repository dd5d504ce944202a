"""One file per way to send; each exports its class as `CHANNEL` (contract: bot/channel.py)."""

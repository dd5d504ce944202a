"""Preview (预览): a week of the plans with the exact words of every message, before it is sent."""

"""A plan run at high speed on a virtual clock with simulated members (彩排)."""

"""The functional core of qunyun: plans, games, draws and summaries as plain values.

Nothing here reads a clock, entropy, network, database or event loop. The shell passes `now`
(aware UTC) and `seed` (fresh bytes) in, answers questions through `sop.ports.Facts`, and
carries out the effects (`sop.effects`) that come back.
"""

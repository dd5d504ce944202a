"""Fair chance: a deck fixed before the first draw, that anybody can recompute afterwards.

`docs/fair-draw.md` describes the algorithm for someone who does not trust this program.
"""

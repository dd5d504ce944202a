"""The weekly summary (周报): figures → metrics → findings → card, document or JSON.

`facts.week_figures` gives the counts; everything here is arithmetic and wording.
"""

from sop.summary.card import weekly_card
from sop.summary.figures import WeekFigures
from sop.summary.summary import Summary, summarise, summary_of

__all__ = ["Summary", "WeekFigures", "summarise", "summary_of", "weekly_card"]

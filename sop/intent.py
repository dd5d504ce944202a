"""What members mean by opening links or not (意向): high, medium or low, with the reason.

The numbers are here and nowhere else; `storage.links` is given them as instants.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sop.links_ports import ClickFacts, LinkFacts

Level = Literal["high", "medium", "low"]
CLICKED_WITHIN = timedelta(days=7)
OFTEN = 2
"""So many different links, or days with a click, are more than curiosity."""
COLD_AFTER = timedelta(days=3)
"""Who has not opened a link for so long will hardly do it."""
SENT_WITHIN = timedelta(days=30)
"""What was sent longer ago says nothing any more."""
CHINESE = {"high": "高意向", "medium": "中意向", "low": "低意向"}


@dataclass(frozen=True, slots=True)
class Intent:
    """How much somebody wants to know more; `why` is a Chinese sentence without its stop."""

    level: Level
    why: str


def intent(links: LinkFacts, community: str, member: str, now: datetime) -> Intent | None:
    """Of a member in a community now; None where no link says anything."""
    clicks = links.clicks(community, member, now - CLICKED_WITHIN)
    if clicks:
        return _of_clicks(clicks)
    cold = links.ignored(community, member, now)
    if not cold:
        return None
    days = (now - cold[0].sent_at).days
    return Intent("low", f"{days} 天前收到链接“{cold[0].name}”，到现在没有点开")


def _of_clicks(clicks: Sequence[ClickFacts]) -> Intent:
    days = len({one.day for one in clicks})
    names = list(dict.fromkeys(one.name for one in clicks))
    opened = f"{CLICKED_WITHIN.days} 天内点开{'、'.join(f'“{name}”' for name in names)}"
    sure = [one for one in clicks if one.intent == "high"]
    if sure:
        return Intent("high", f"{opened}，其中“{sure[0].name}”是高意向链接")
    links = len({one.link for one in clicks})
    if links >= OFTEN or days >= OFTEN:
        enough = f"至少 {OFTEN} 个或 {OFTEN} 天"
        return Intent("high", f"{opened}，共 {links} 个链接、{days} 天（{enough}）")
    return Intent("medium", f"{opened}，只有一个链接、一天")

"""How texts lead to the member page (成员网页), and when it is the only way to take part.

In a customer group the bot hears nobody, so the page is the only way; elsewhere it is a second
one, beside @-ing the bot.
"""

from datetime import datetime

from sop.community import Community, DeliveryMode
from sop.ports import Facts


def reachable(community: Community) -> bool:
    """Whether members can take part at all: the bot hears them, or they have the page."""
    return bool(community.heard_as) or community.page


def way_in(facts: Facts, community: Community, now: datetime, to: str = "成员网页") -> str:
    """A line with the link, `to` saying what it leads to; empty where there is no page."""
    link = facts.page_link(community.id, now) if community.page else ""
    if not link:
        return ""
    if community.mode is DeliveryMode.ASSIST:  # forwarded by the RM as plain text
        return f"👉 点开{to}：{link}"
    return f"👉 [点开{to}]({link})"


def please(community: Community, words: str) -> str:
    """The same as a request for words that a call waits for: `请发“@群运 投票 2”`."""
    if community.heard_as:
        return f"请发“@{community.heard_as} {words}”"
    return f"请在成员网页里写“{words}”"


def how(community: Community, words: str) -> str:
    """How a member says something: `发“@群运 我的奖品”`, or, where nobody is heard, by opening
    that page: `在成员网页里点“我的奖品”`."""
    if community.heard_as:
        return f"发“@{community.heard_as} {words}”"
    return f"在成员网页里点“{words}”"

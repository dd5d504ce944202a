"""When a group will read what is being posted: colleagues are told, not left to guess."""

from collections.abc import Sequence
from datetime import datetime

from bot.limits import quiet_until
from sop.community import DeliveryMode
from sop.effects import Effect, Post
from sop.ports import Facts
from sop.wording import clock


def when_posted(facts: Facts, effects: Sequence[Effect], what: str, now: datetime) -> str:
    """`名单已发到群里`, or, while the groups rest, `名单会在 明天 08:30 发到群里`; where a
    colleague posts by hand, that it has been handed over."""
    posts = [one for one in effects if isinstance(one, Post)]
    homes = {one.community: facts.community(one.community) for one in posts}
    awake = [
        (at, home.zone)
        for one in posts
        if (home := homes[one.community]) is not None and one.quiet_hours is not None
        if (at := quiet_until(one.quiet_hours, home.zone, now)) is not None
    ]
    known = [one for one in homes.values() if one is not None]
    by_hand = bool(known) and all(one.mode is DeliveryMode.ASSIST for one in known)
    act = "交给客户经理，由他发到群里" if by_hand else "发到群里"
    if awake:
        at, zone = max(awake, key=lambda one: one[0])
        return f"{what}会在 {clock(at, zone, now)} {act}（现在是免打扰时间）"
    return f"{what}已{act}"

"""What members may ask of the bot by a word: 签到 (check in)."""

from datetime import datetime, timedelta

from sop.community import Community
from sop.effects import Count, Effect, Reply
from sop.ports import Facts

CHECK_IN = "签到"
LONGEST_STREAK = 366
"""Days that a streak is counted back at most."""


def check_in(facts: Facts, community: Community, member: str, now: datetime) -> list[Effect]:
    """Counts a check-in once a local day and tells how many days in a row."""
    today = now.astimezone(community.zone).date()
    before = facts.points.streak(community.id, member, today - timedelta(days=1))
    days = before + 1
    if facts.checked_in(community.id, member, today):
        return [Reply(f"今天已经签到过了，连续签到 {days} 天，明天再来。")]
    return [Count(community.id, member, "checkin"), Reply(_cheer(days))]


def _cheer(days: int) -> str:
    if days == 1:
        return "✅ 签到成功，今天是第 1 天，明天继续。"
    if days % 7 == 0:
        return f"✅ 签到成功，连续 {days} 天！🎉 又坚持了一整周。"
    return f"✅ 签到成功，连续 {days} 天。"

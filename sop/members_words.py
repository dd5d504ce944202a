"""What members may ask of the bot by a word: 签到 (check in) and 我的奖品 (my prizes)."""

from datetime import date, datetime, timedelta

from sop.community import Community
from sop.effects import Count, Effect, Reply
from sop.money import prize_with_amount, yuan
from sop.ports import Facts

CHECK_IN, MY_PRIZES = "签到", "我的奖品"
LONGEST_STREAK = 366
"""Days that a streak is counted back at most."""
MOST_PRIZES = 10

_UNDER_WAY = ("held", "due", "approved", "submitted", "unknown")


def check_in(facts: Facts, community: Community, member: str, now: datetime) -> list[Effect]:
    """Counts a check-in once a local day and tells how many days in a row."""
    today = now.astimezone(community.zone).date()
    before = _streak(facts, community.id, member, today - timedelta(days=1))
    days = before + 1
    if facts.checked_in(community.id, member, today):
        return [Reply(f"今天已经签到过了，连续签到 {days} 天，明天再来。")]
    return [Count(community.id, member, "checkin"), Reply(_cheer(days))]


def my_prizes(facts: Facts, community: Community, member: str, now: datetime) -> list[Effect]:
    """The member's own prizes, newest first, with where each one's money is."""
    prizes = sorted(facts.prizes(member), key=lambda one: one.won_at, reverse=True)
    if not prizes:
        return [Reply("您还没有中过奖。群里的游戏和抽奖都有机会，留意预告就好。")]
    total = yuan(sum(one.amount_fen for one in prizes))
    today = now.astimezone(community.zone).date()
    lines = [f"🎁 您一共中奖 {len(prizes)} 次，合计 {total} 元"]
    for one in prizes[:MOST_PRIZES]:
        won = one.won_at.astimezone(community.zone)
        state = prize_state(one.payout_status, one.payable_on, today)
        lines.append(
            f"{won.month} 月 {won.day} 日　{prize_with_amount(one.prize, one.amount_fen)}，{state}"
        )
    if len(prizes) > MOST_PRIZES:
        lines.append(f"（只列出最近 {MOST_PRIZES} 次）")
    return [Reply("\n".join(lines))]


def prize_state(payout_status: str, payable_on: date, today: date) -> str:
    """A payout's status in the words of its winner."""
    if payout_status == "held" and payable_on > today:
        return f"预计 {payable_on.month} 月 {payable_on.day} 日发放"
    if payout_status in _UNDER_WAY:
        return "发放中"
    return {"paid": "已发放", "failed": "发放没有成功，工作人员正在处理", "expired": "已过期"}[
        payout_status
    ]


def _streak(facts: Facts, community: str, member: str, last: date) -> int:
    """Days in a row with a check-in, up to and including `last`."""
    days = 0
    while days < LONGEST_STREAK and facts.checked_in(community, member, last):
        days += 1
        last -= timedelta(days=1)
    return days


def _cheer(days: int) -> str:
    if days == 1:
        return "✅ 签到成功，今天是第 1 天，明天继续。"
    if days % 7 == 0:
        return f"✅ 签到成功，连续 {days} 天！🎉 又坚持了一整周。"
    return f"✅ 签到成功，连续 {days} 天。"

"""The share of members who play, against the week before."""

from collections.abc import Iterator

from sop.summary.figures import WeekFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.share import Share
from sop.summary.step_names import short


def participation(period: Period) -> Iterator[Finding]:
    """Over all games; what one game has become is another rule's."""
    share, before = _share(period.now), _share(period.before)
    if not share.apart(before):
        return
    rose = share.value > before.value
    yield Finding(
        "participation",
        (55 if rose else 75) + 10 * abs(share.value - before.value),
        f"玩游戏的人明显变{'多' if rose else '少'}：参与率 {before.percent} → {share.told}。",
        "" if rose else _missed(period),
        "members:players",
    )


def _share(week: WeekFigures) -> Share:
    return Share(week.players, week.members_at_start)


def _missed(period: Period) -> str:
    """Last week's best visited game, if there was none of it this week."""
    held = {one.game for one in period.now.games}
    gone = [one for one in period.before.games if one.game not in held and one.players]
    if not gone:
        return ""
    best = min(gone, key=lambda one: (-one.players, one.game))
    return f"上周有 {best.players} 人玩的“{short(best.title)}”本周没有办，下周建议排上。"


RULE = participation

"""Where newcomers get lost on the way from joining to their first prize."""

from collections.abc import Iterator
from dataclasses import dataclass

from sop.summary.figures import FunnelFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.share import Share


@dataclass(frozen=True, slots=True)
class _Stage:
    at: str
    goes_on: str
    share: Share
    proposal: str


def funnel(period: Period) -> Iterator[Finding]:
    """The stage that became clearly worse; without one, the stage that clearly loses most people.

    At most one sentence: what is lost early is missing later.
    """
    now, before = _stages(period.now.funnel), _stages(period.before.funnel)
    fell = [
        (one, then)
        for one, then in zip(now, before, strict=True)
        if then.share.above(one.share, len(now))
    ]
    if fell:
        one, then = max(fell, key=lambda pair: pair[1].share.value - pair[0].share.value)
        change = then.share.value - one.share.value
        text = f"{_way(one)} {one.share.told}，上周 {then.share.percent}。"
        yield Finding("funnel", 78 + 10 * change, text, one.proposal)
        return
    # The money of late winners is not paid yet: only the first stages are judged by themselves.
    lossy = [one for one in now[:-1] if one.share.surely()[1] < 0.5]
    if lossy:
        one = max(lossy, key=lambda stage: stage.share.of - stage.share.hits)
        lost = one.share.of - one.share.hits
        text = f"新人漏斗里掉人最多的一步：{_way(one)} {one.share.told}，{lost} 人停在这里。"
        yield Finding("funnel", 58, text, one.proposal)


def _way(stage: _Stage) -> str:
    return f"{stage.at}的新人里{stage.goes_on}"


def _stages(one: FunnelFigures) -> tuple[_Stage, ...]:
    return (
        _Stage(
            "入群",
            "玩过游戏的",
            Share(one.played, one.joined),
            "建议在欢迎语里写上当天就能玩的游戏。",
        ),
        _Stage(
            "玩过游戏", "抽了奖的", Share(one.drew, one.played), "建议游戏一结束就发抽奖的入口。"
        ),
        _Stage(
            "抽过奖",
            "已经到账的",
            Share(one.claimed, one.drew),
            "请看一眼待审核的奖金，再提醒没领的人去领。",
        ),
    )


RULE = funnel

"""Why a member comes under conditions (为什么是她): every condition with its number, in Chinese."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sop.answers import LETTERS
from sop.community import Member
from sop.conditions import Conditions, Rfm, Times, format_quintiles
from sop.intent import CHINESE, intent
from sop.times import spoken_duration

if TYPE_CHECKING:
    from sop.ports import Facts  # it names the conditions
    from sop.standing_ports import Measured

STAGES = {
    "newcomer": "新成员",
    "growing": "成长成员",
    "established": "稳定成员",
    "drifting": "疏远成员",
    "sleeping": "沉睡成员",
    "left": "已离开",
}
VALUES = {
    "potential": "潜力",
    "active": "活跃",
    "valuable": "高价值",
    "drifting": "疏远",
    "sleeping": "沉睡",
}
_DID = {
    "message": "发言",
    "answer": "作答",
    "checkin": "签到",
    "draw": "抽奖",
    "click": "点链接",
}
_DAY, _HOUR = timedelta(days=1), timedelta(hours=1)


def explain(facts: "Facts", conditions: Conditions, member: Member, now: datetime) -> list[str]:
    """A sentence without a stop for each condition, in their order: `19 天没有活跃行为（至少 14
    天）`. For who comes under them; of anybody else the numbers say why not."""
    found = facts.standings.measured(member, conditions, now)
    return [
        *_presence(conditions, found, now),
        *_deeds(conditions, found),
        *_answers(facts, conditions, member, found, now),
        *_place(facts, conditions, member, found),
        *(f"带有标签“{one}”" for one in conditions.tags),
        *(f"不带标签“{one}”" for one in conditions.without_tags),
    ]


def ago(length: timedelta) -> str:
    """How long, in whole days, or in hours within a day."""
    if length >= _DAY:
        return f"{length // _DAY} 天"
    return f"{length // _HOUR} 小时" if length >= _HOUR else "不到 1 小时"


def bounds(least: int, most: int | None, unit: str) -> str:
    """What was asked for: `（至少 8 天）`."""
    if most is None:
        return f"（至少 {least} {unit}）" if least else ""
    if most == 0:
        return ""
    if least == most:
        return f"（正好 {least} {unit}）"
    return f"（{least} 至 {most} {unit}）" if least else f"（至多 {most} {unit}）"


def _presence(conditions: Conditions, found: "Measured", now: datetime) -> Iterator[str]:
    here = ago(now - found.joined_at)
    if conditions.joined_within:
        yield f"入群 {here}（不超过 {spoken_duration(conditions.joined_within)}）"
    if conditions.joined_before:
        yield f"入群 {here}（至少 {spoken_duration(conditions.joined_before)}）"
    last = found.last_action
    if conditions.active_within:
        asked = f"（不超过 {spoken_duration(conditions.active_within)}）"
        yield f"最近一次活跃行为在 {ago(now - last)}前{asked}" if last else "还没有活跃行为"
    if conditions.silent_for:
        asked = f"（至少 {spoken_duration(conditions.silent_for)}）"
        if last is None or last < found.joined_at:
            yield f"入群 {here}，一直没有活跃行为{asked}"
        else:
            yield f"{ago(now - last)}没有活跃行为{asked}"
    if conditions.active_days:
        asked_days = conditions.active_days
        span = spoken_duration(asked_days.within)
        limits = bounds(asked_days.at_least, asked_days.at_most, "天")
        yield f"{span}里有 {found.active_days} 天有活跃行为{limits}"


def _deeds(conditions: Conditions, found: "Measured") -> Iterator[str]:
    for one, times in zip(conditions.did, found.did, strict=True):
        yield _times(one, _DID[one.action], times, "次")
    if conditions.played:
        yield _times(conditions.played, f"玩{_game(conditions.played.game)}", found.played, "局")
    if conditions.answered_right:
        yield _times(conditions.answered_right, "答对", found.answered_right, "题")
    if conditions.clicked:
        link = conditions.clicked.link
        yield _times(
            conditions.clicked, f"点链接“{link}”" if link else "点链接", found.clicked, "次"
        )


def _times(asked: Times, deed: str, times: int, unit: str) -> str:
    span, limits = spoken_duration(asked.within), bounds(asked.least, asked.at_most, unit)
    return f"{span}里{deed} {times} {unit}{limits}"


def _game(name: str | None) -> str:
    from sop.games import all_games  # the games know of facts, and facts of conditions

    return f"“{all_games()[name].title}”" if name in all_games() else "游戏"


def _answers(
    facts: "Facts", conditions: Conditions, member: Member, found: "Measured", now: datetime
) -> Iterator[str]:
    if conditions.survey:
        where = f"问卷“{conditions.survey.step}”第 {conditions.survey.question} 题"
        chose = found.answered
        yield f"{where}没有作答" if chose is None else f"{where}选了 {LETTERS[chose]}"
    if conditions.intent:
        meant = intent(facts.links, member.community, member.id, now)
        yield f"{CHINESE[meant.level]}：{meant.why}" if meant else "还看不出意向"
    if conditions.written:
        if found.written_at is None:
            yield "没有收到过私信"
        else:
            after = "之后有过活跃行为" if found.reacted else "之后没有活跃行为"
            yield f"{ago(now - found.written_at)}前收到私信，{after}"
    if conditions.channel:
        yield f"来自渠道“{found.channel}”" if found.channel else "不知道从哪个渠道来"


def _place(
    facts: "Facts", conditions: Conditions, member: Member, found: "Measured"
) -> Iterator[str]:
    if conditions.lifecycle:
        standing = facts.standings.of(member.community, member.id)
        why = f"：{standing.why[0]}" if standing and standing.why else ""
        yield f"{STAGES.get(found.stage, '还没有分层')}{why}"
    if conditions.value:
        r, f, m = found.rfm
        yield f"价值分层“{VALUES.get(found.value, '还没有')}”（R{r} F{f} M{m}）"
    if conditions.rfm:
        yield "，".join(_scores(conditions.rfm, found.rfm))


def _scores(asked: Rfm, scores: tuple[int, int, int]) -> Iterator[str]:
    limits = (asked.r, asked.f, asked.m)
    for letter, score, wanted in zip("RFM", scores, limits, strict=True):
        if wanted is not None:
            yield f"{letter} 是 {score}（{format_quintiles(wanted).replace('-', ' 至 ')}）"

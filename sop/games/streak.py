"""Check-in relay (签到接力): for some days everybody checks in once a day; all days make a winner.

Days are real days of the community's zone, from the day of the opening on; the last one ends at
the hour of the daily report. Saying 签到 counts here and as the day's check-in. A missed day can be
repaired by 补签 as often as the options allow. Who missed nothing ranks before who repaired; among
equals the order comes from a number of the round's seed. Runs beside other games.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import ClassVar, cast
from zoneinfo import ZoneInfo

from pydantic import BaseModel, Field

from sop.answers import normalise
from sop.bank import Bank
from sop.countdown import MOST_EXTENSION, TOP, ranked
from sop.game import Player, Quiet, State, Turn, View, turns
from sop.members_words import CHECK_IN
from sop.model import Strict
from sop.times import TimeOfDay, Zone
from sop.wording import plain, ranking, shown

REPAIR = "补签"


class Options(Strict):
    """Options of a relay in YAML."""

    days: int = Field(default=7, ge=2, le=30, description="一共几天，从开局当天算起，2 到 30")
    goal: int = Field(default=50, ge=1, le=100_000, description="全群目标，签到多少人次")
    repairs: int = Field(default=1, ge=0, le=3, description="每人可以补签几次，0 到 3")
    report_at: TimeOfDay = Field(
        default=time(20, 30), description="每天播报的时间，最后一天这时结束，例如 20:30"
    )
    zone: Zone = Field(
        default=ZoneInfo("Asia/Shanghai"), description="按哪个时区算一天；不写就按社群的时区"
    )


class Streak(Quiet):
    """State: seed, first (local date of day 0), ends_at, report_at (instant of the next report),
    reached (the goal is), players {id: {name, days [0, 1, …], repaired [2, …]}}, told {id: day}
    (who was answered a second check-in on that day), over.
    """

    name: ClassVar[str] = "streak"
    title: ClassVar[str] = "签到接力"
    Options: ClassVar[type[BaseModel]] = Options

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """It needs nothing from the library."""
        return []

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the relay."""
        chosen = cast(Options, options)
        return (
            f"🏃 连续 {chosen.days} 天，每天说一次“{CHECK_IN}”就接上一棒。\n"
            f"全群目标 {chosen.goal} 人次，天天都到的是全勤；{_repairs(chosen)}。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        at = f"{chosen.report_at:%H:%M}"
        return (
            f"签到接力，{chosen.days} 天，全群目标 {chosen.goal} 人次，每天 {at} 播报，"
            f"最后一天 {at} 结束。您可以这样带：\n"
            "1. 每天早上自己先发一句问候，接一句：“今天的接力开始了，报个到。”（员工不计名次）\n"
            "2. 中午点名谢谢几位已经签到的朋友；看到断了的私下提醒：“发个‘补签’就能接上。”\n"
            "3. 发“提示 签到接力”再喊一次，发“揭晓 签到接力”看进度；同时还可以开别的游戏。\n"
            "4. 要提前收尾，发“结束 签到接力”，按已经过去的天数算全勤。"
        )

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Day 0 is today."""
        chosen = cast(Options, options)
        first = now.astimezone(chosen.zone).date()
        ends_at = _at(chosen, first, chosen.days - 1)
        state: State = {
            "seed": seed.hex(),
            "first": first.isoformat(),
            "ends_at": ends_at.isoformat(),
            "report_at": _next_report(chosen, now).isoformat(),
            "reached": False,
            "players": {},
            "told": {},
            "over": None,
        }
        last = first + timedelta(days=chosen.days - 1)
        opening = (
            "🏃 **签到接力，开始！**\n"
            f"从今天到 {last.month} 月 {last.day} 日，每天说一次“{CHECK_IN}”，"
            f"全群一起凑满 {chosen.goal} 人次。\n"
            f"> 天天都到的是全勤，全勤才有名次；{_repairs(chosen)}\n"
            "> 没有补签的排在前面，其余按开局前定下的随机号排先后，早签晚签一样\n"
            f"> 每天 {chosen.report_at:%H:%M} 播报，最后一天这时结束"
        )
        return _turn(state, posts=(opening,))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """签到 or 补签."""
        word = normalise(text[:20])
        if state["over"] or word not in (CHECK_IN, REPAIR):
            return None
        if now >= datetime.fromisoformat(state["ends_at"]):
            return _turn(state, reply="🏃 签到接力已经结束，谢谢您。")
        chosen, day = cast(Options, options), _day(cast(Options, options), state, now)
        if word == REPAIR:
            return _repaired(chosen, state, player, day)
        return _checked_in(chosen, state, player, day)

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """The own days as a row of marks, the group's progress, and the buttons."""
        chosen = cast(Options, options)
        if state["over"]:
            return View(plain(state["over"]["closing"]))
        ends_at = datetime.fromisoformat(state["ends_at"])
        day = min(_day(chosen, state, now), chosen.days - 1)
        entry = state["players"].get(member, _NOBODY)
        marks = "".join(_mark(entry, one, day) for one in range(chosen.days))
        lines = (
            f"第 {day + 1}/{chosen.days} 天　{marks}",
            f"全群 {_total(state)}/{chosen.goal} 人次。",
            f"天天都到的是全勤；{_repairs(chosen)}。",
        )
        if now >= ends_at:
            return View((*lines, "接力已经结束，马上公布结果。"))
        choices = [] if day in entry["days"] else [CHECK_IN]
        if _missed(entry, day) and len(entry["repaired"]) < chosen.repairs:
            choices.append(REPAIR)
        return View(lines, tuple(choices), closes_at=ends_at)

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """The daily report, and the end. Of reports that were missed only the last is given."""
        chosen = cast(Options, options)
        if state["over"]:
            return _turn(state)
        if now >= datetime.fromisoformat(state["ends_at"]):
            return _close(chosen, state, "时间到", chosen.days)
        if now < datetime.fromisoformat(state["report_at"]):
            return _turn(state)
        after = {**state, "report_at": _next_report(chosen, now).isoformat()}
        ends_at = datetime.fromisoformat(state["ends_at"]).astimezone(chosen.zone)
        today = ends_at.date() == now.astimezone(chosen.zone).date()
        until = f"{ends_at:%H:%M} " if today else "今天 24 点"
        call = f"还没签的朋友，{until}前说“{CHECK_IN}”还来得及。"
        return _turn(after, posts=(f"{_progress(chosen, state, now)}\n{call}",))

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Calls again."""
        if state["over"]:
            return _turn(state)
        post = (
            f"{_progress(cast(Options, options), state, now)}\n说一声“{CHECK_IN}”就接上今天这一棒。"
        )
        return _turn(state, posts=(post,))

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Shows how far the group has come."""
        if state["over"]:
            return _turn(state)
        return _turn(state, posts=(_progress(cast(Options, options), state, now),))

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """Moves the end, but not into the next day: that would be a day more."""
        chosen = cast(Options, options)
        if state["over"]:
            return _turn(state)
        before = datetime.fromisoformat(state["ends_at"])
        midnight = _at(chosen, date.fromisoformat(state["first"]), chosen.days, time())
        more = timedelta(seconds=max(1, min(seconds, MOST_EXTENSION)))
        later = min(max(now, before) + more, midnight)
        if later <= before:
            return _turn(state, reply="已经延到最后一天的 24 点，不能再延了。")
        local = later.astimezone(chosen.zone)
        at = "24:00" if later == midnight else f"{local:%H:%M}"
        after = {**state, "ends_at": later.isoformat()}
        return _turn(after, posts=(f"⏱ 签到接力延到最后一天 {at} 结束。",))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes now: what counts are the days that are over."""
        if state["over"]:
            return _turn(state)
        chosen = cast(Options, options)
        return _close(chosen, state, "主持人结束", min(_day(chosen, state, now), chosen.days))


_NOBODY: State = {"name": "", "days": [], "repaired": []}


def _wake(state: State) -> datetime:
    return min(datetime.fromisoformat(state[one]) for one in ("ends_at", "report_at"))


_turn = turns(_wake)


def _at(options: Options, first: date, day: int, at: time | None = None) -> datetime:
    """The instant, in UTC, of a local time (that of the report) on a day of the relay."""
    hour = options.report_at if at is None else at
    local = datetime.combine(first + timedelta(days=day), hour, options.zone)
    return local.astimezone(UTC)


def _next_report(options: Options, now: datetime) -> datetime:
    today = now.astimezone(options.zone).date()
    report = _at(options, today, 0)
    return report if report > now else _at(options, today, 1)


def _day(options: Options, state: State, now: datetime) -> int:
    """Which day of the relay it is, from 0."""
    first = date.fromisoformat(state["first"])
    return max(0, (now.astimezone(options.zone).date() - first).days)


def _missed(entry: State, day: int) -> list[int]:
    """Days before this one without a check-in or a repair."""
    there = {*entry["days"], *entry["repaired"]}
    return [one for one in range(day) if one not in there]


def _mark(entry: State, day: int, today: int) -> str:
    if day in entry["days"]:
        return "✅"
    if day in entry["repaired"]:
        return "🩹"
    return "❌" if day < today else "⬜"


def _total(state: State) -> int:
    return sum(len(one["days"]) for one in state["players"].values())


def _repairs(options: Options) -> str:
    if options.repairs == 0:
        return "漏签不能补"
    return f"漏签可以发“{REPAIR}”补上，每人 {options.repairs} 次"


def _in_a_row(entry: State, day: int) -> int:
    there, count = {*entry["days"], *entry["repaired"]}, 0
    while day - count in there:
        count += 1
    return count


def _with(state: State, player: Player, entry: State) -> State:
    entry = {**entry, "name": shown(player.name)}
    return {**state, "players": {**state["players"], player.id: entry}}


def _checked_in(options: Options, state: State, player: Player, day: int) -> Turn:
    entry = state["players"].get(player.id, _NOBODY)
    if day in entry["days"]:
        if state["told"].get(player.id) == day:
            return _turn(state)
        again = {**state, "told": {**state["told"], player.id: day}}
        return _turn(
            again, reply=f"🏃 签到接力：今天这一棒您已经接上，连续 {_in_a_row(entry, day)} 天。"
        )
    entry = {**entry, "days": [*entry["days"], day]}
    after, posts = _with(state, player, entry), tuple[str, ...]()
    if _total(after) >= options.goal and not state["reached"]:
        after["reached"] = True
        posts = (f"🎉 签到接力满 {options.goal} 人次，全群目标达成！",)
    missed = _missed(entry, day)
    if not missed:
        how = f"您已连续 {_in_a_row(entry, day)} 天"
    elif len(missed) <= options.repairs - len(entry["repaired"]):
        how = f"您漏了 {len(missed)} 天，发“{REPAIR}”能补上"
    else:
        how = f"您签了 {len(entry['days'])} 天"
    progress = f"全群 {_total(after)}/{options.goal} 人次"
    reply = f"🏃 签到接力第 {day + 1}/{options.days} 天：{how}，{progress}。"
    newcomer = () if player.id in state["players"] else (player.id,)
    return _turn(after, posts, reply, newcomer)


def _repaired(options: Options, state: State, player: Player, day: int) -> Turn:
    entry = state["players"].get(player.id, _NOBODY)
    missed = _missed(entry, day)
    if not missed:
        return _turn(state, reply="🏃 签到接力：您没有漏签，不用补。")
    if len(entry["repaired"]) >= options.repairs:
        return _turn(state, reply="🏃 签到接力：补签次数已经用完，后面的每一天还可以签。")
    entry = {**entry, "repaired": [*entry["repaired"], missed[0]]}
    after = _with(state, player, entry)
    still = len(missed) - 1
    rest = f"还漏 {still} 天" if still else "全都接上了"
    if day not in entry["days"]:
        rest += f"，今天的也别忘了说“{CHECK_IN}”"
    reply = f"🩹 签到接力：已补上第 {missed[0] + 1} 天，{rest}。"
    newcomer = () if player.id in state["players"] else (player.id,)
    return _turn(after, reply=reply, played=newcomer)


def _full(state: State, days: int) -> list[str]:
    """Members without a gap in the first days, in order."""
    repaired = {
        member: -len(one["repaired"])
        for member, one in state["players"].items()
        if one["days"] and not _missed(one, days)
    }
    return ranked(state, repaired, "streak")


def _progress(options: Options, state: State, now: datetime) -> str:
    day = min(_day(options, state, now), options.days - 1)
    today = sum(day in one["days"] for one in state["players"].values())
    return (
        f"🏃 **签到接力 第 {day + 1}/{options.days} 天**\n"
        f"今天 {today} 人签到，累计 {_total(state)}/{options.goal} 人次，"
        f"{len(_full(state, day))} 人保持全勤。"
    )


def _close(options: Options, state: State, reason: str, days: int) -> Turn:
    winners, total = _full(state, days), _total(state)
    short = options.goal - total
    goal = f"离 {options.goal} 人次的目标还差 {short}" if short > 0 else "全群目标达成 🎉"
    lines = ["🏁 **签到接力，结束！**"]
    if not state["players"]:
        lines.append("这次还没有人签到。没关系，下次再一起来。")
    else:
        lines.append(f"{len(state['players'])} 人参加，累计 {total} 人次，{goal}。")
        lines.append(f"全勤 {len(winners)} 人：" if winners else "这次没有人全勤，坚持过的都很棒。")
    if winners:
        entries = [state["players"][one] for one in winners[:TOP]]
        lines.append(ranking([(one["name"], _achieved(one)) for one in entries]))
    closing = "\n".join(lines)
    over = {"reason": reason, "winners": winners, "closing": closing}
    return _turn({**state, "over": over}, posts=(closing,))


def _achieved(entry: State) -> str:
    repaired = f"，补签 {len(entry['repaired'])} 次" if entry["repaired"] else ""
    return f"签到 {len(entry['days'])} 天{repaired}"


GAME = Streak()

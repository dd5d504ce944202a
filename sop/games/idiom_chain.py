"""Idiom chain (成语接龙): each idiom begins as the last one ended; most links win.

Nobody takes two links in a row and no idiom comes twice. When nobody goes on there is a hint, then
the bot gives a link; when still nobody comes it ends the round. Speed decides who takes a link and
nothing else: equal numbers of links are ranked by the seed.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import ClassVar, cast

from pydantic import BaseModel, Field, field_validator

from sop import idioms
from sop.bank import Bank
from sop.draws.stream import Stream
from sop.game import Player, State, Turn, View, turns
from sop.idioms import Idiom
from sop.model import Strict
from sop.times import Duration, spoken_duration, wrong
from sop.wording import plain, ranking, shown

SHORTEST = timedelta(minutes=2)
LONGEST = timedelta(hours=1)
TOP = 5
"""Places named in the closing ranking."""

OPENINGS = (
    "一帆风顺", "万事如意", "心想事成", "花好月圆", "春暖花开", "锦上添花", "风和日丽", "喜气洋洋",
    "马到成功", "前程似锦", "国泰民安", "画龙点睛", "欢天喜地", "家喻户晓", "四面八方", "一心一意",
)  # fmt: skip
"""A round begins with one of these."""

_EASY = 10
"""So many idioms can follow the first one at least."""

_ALONE = 2
"""So many links the bot gives one after the other; then it stops talking to itself."""

_SHOWN = 6
"""Links of the chain that the page shows."""


class Options(Strict):
    """Options of a round in YAML."""

    duration: Duration = Field(
        default=timedelta(minutes=10), description="一局时长，2 分钟到 1 小时，例如 10m"
    )
    match: idioms.Match = Field(
        default="sound", description="怎样算接上：sound 读音相同（声调不限），character 同一个字"
    )
    length: int = Field(default=30, ge=5, le=100, description="接满多少个就结束")
    seconds: int = Field(default=60, ge=20, le=600, description="多少秒没人接就给提示，再帮接")

    @field_validator("duration")
    @classmethod
    def _sensible(cls, value: timedelta) -> timedelta:
        if not SHORTEST <= value <= LONGEST:
            raise wrong("duration", "成语接龙一局的时长须在 2 分钟到 1 小时之间。", "例如 10m。")
        return value


class IdiomChain:
    """State: seed, ends_at, quiet_at (when silence has lasted long enough), chain [[idiom, member
    or empty for the bot], …], hints (given for the open link), told {member: true} of the open
    link, players {member: {name, links}}, over.
    """

    name: ClassVar[str] = "idiom_chain"
    title: ClassVar[str] = "成语接龙"
    Options: ClassVar[type[BaseModel]] = Options

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """The dictionary is our own; nothing is needed from the library."""
        return []

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"🐉 时长 {spoken_duration(chosen.duration)}，接满 {chosen.length} 个也算圆满。\n"
            f"用上一个成语的最后一个字开头，{_rule(chosen)}。同一个人不能连接两个，接得多者胜。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"成语接龙，{spoken_duration(chosen.duration)}，机器人起头并当裁判，"
            f"没人接时它先提示、再帮接一个。您可以这样带：\n"
            "1. 开场说：“我先起个头，后面看大家的，读音对上就行，不怕字不一样。”"
            + ("\n" if chosen.match == "sound" else "（本局要求同一个字。）\n")
            + "2. 有人接得妙就夸：“这个接得好，后面更难了，谁来？”\n"
            "3. 卡住了说：“想想四个字里带它的”，发“提示”；再没有就发“揭晓”，由机器人接一个。\n"
            "4. 正热闹就发“延时 2m”；收尾说：“今天这条龙有多长，大家看一看”，发“结束”。"
        )

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Opens the round with the first idiom."""
        chosen = cast(Options, options)
        first = next(
            word
            for word in Stream(seed, "idiom_chain/first").shuffled(OPENINGS)
            if len(idioms.continuations(_idiom(word), chosen.match)) >= _EASY
        )
        state: State = {
            "seed": seed.hex(),
            "ends_at": (now + chosen.duration).isoformat(),
            "chain": [],
            "players": {},
            "over": None,
        }
        state = _linked(chosen, state, first, "", now)
        opening = (
            "🐉 **成语接龙，开始！**\n"
            f"{_rule(chosen)}；一局之内不重复，同一个人不能连接两个。\n"
            f"> 时长 {spoken_duration(chosen.duration)}，接满 {chosen.length} 个提前圆满结束\n"
            "> 每接上一个得 1 分，谁先接上算谁的；分数相同的按开局前定下的随机号排先后"
        )
        return _turn(state, posts=(opening, f"我先来：**{first}**\n{_wanted(chosen, state)}"))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """A link, or something that was meant as one; all else is talk."""
        word = idioms.four_characters(text)
        if state["over"] or not word:
            return None
        chosen = cast(Options, options)
        idiom = idioms.find(word)
        if idiom is None and not idioms.begins_rightly(_last(state), word, chosen.match):
            return None
        refusal = _refusal(chosen, state, player.id, word, idiom, now)
        if refusal:
            return _tell(state, player.id, refusal)
        links = state["players"].get(player.id, {"links": 0})["links"] + 1
        entry = {"name": shown(player.name), "links": links}
        after = _linked(
            chosen,
            {**state, "players": {**state["players"], player.id: entry}},
            word,
            player.id,
            now,
        )
        if len(after["chain"]) >= chosen.length:
            return _close(after, f"接满 {chosen.length} 个", played=(player.id,))
        number = len(after["chain"])
        after, stuck = _past_a_dead_end(chosen, after, now)
        # A post and not a reply: a link said on the member page must reach the group as well.
        post = f"✅ **{word}**（{entry['name']}，第 {number} 个）\n{stuck}{_wanted(chosen, after)}"
        return _turn(after, posts=(post,), played=(player.id,))

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """The end of the chain, what is wanted, and whether it is this member's turn."""
        if state["over"]:
            return View(plain(_closing(state, state["over"]["winners"])))
        chosen = cast(Options, options)
        words = [word for word, _ in state["chain"]]
        dots = "…… → " if len(words) > _SHOWN else ""
        lines = [f"第 {len(words)} 个：{dots}{' → '.join(words[-_SHOWN:])}"]
        lines += plain(_wanted(chosen, state))
        lines += [f"💡 提示：{one}" for one in _ladder(chosen, state)[: state["hints"]]]
        own = state["players"].get(member)
        if own:
            lines.append(f"您已经接了 {own['links']} 个。")
        ends_at = _instant(state["ends_at"])
        if state["chain"][-1][1] == member:
            lines.append("刚才是您接的，等别人接一个，您再来。")
            return View(tuple(lines), closes_at=ends_at)
        return View(tuple(lines), (), "四字成语" if now < ends_at else "", ends_at)

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Time is up, or nobody has gone on for a while."""
        if state["over"]:
            return _turn(state)
        if now >= _instant(state["ends_at"]):
            return _close(state, "时间到")
        if now < _instant(state["quiet_at"]):
            return _turn(state)
        chosen = cast(Options, options)
        quiet_at = (now + timedelta(seconds=chosen.seconds)).isoformat()
        if not state["hints"]:
            return _hinted(chosen, {**state, "quiet_at": quiet_at})
        if len(state["chain"]) > _ALONE and not any(one for _, one in state["chain"][-_ALONE:]):
            return _close(state, "没有人接下去")
        return self.reveal(options, state, now)

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Two characters of an idiom that fits, then three."""
        if state["over"]:
            return _turn(state)
        return _hinted(cast(Options, options), state)

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """The bot takes the link."""
        if state["over"]:
            return _turn(state)
        chosen = cast(Options, options)
        candidate = _candidate(chosen, state)
        if candidate is None:
            after, stuck = _past_a_dead_end(chosen, state, now)
            return _turn(after, posts=(f"{stuck}{_wanted(chosen, after)}",))
        after = _linked(chosen, state, candidate.word, "", now)
        if len(after["chain"]) >= chosen.length:
            return _close(after, f"接满 {chosen.length} 个")
        after, stuck = _past_a_dead_end(chosen, after, now)
        post = f"🐉 我来接一个：**{candidate.word}**\n{stuck}{_wanted(chosen, after)}"
        return _turn(after, posts=(post,))

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """Moves the end."""
        if state["over"]:
            return _turn(state)
        more = timedelta(seconds=max(1, min(seconds, 3600)))
        ends_at = max(now, _instant(state["ends_at"])) + more
        post = f"⏱ 本局延长，还有 {spoken_duration(ends_at - now)}。"
        return _turn({**state, "ends_at": ends_at.isoformat()}, posts=(post,))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the round now."""
        return _turn(state) if state["over"] else _close(state, "主持人结束")


def _hinted(options: Options, state: State) -> Turn:
    ladder = _ladder(options, state)
    if state["hints"] >= len(ladder):
        return _turn(state, reply="没有更多提示了，发“揭晓”由我接一个。")
    post = f"💡 提示：{ladder[state['hints']]}"
    return _turn({**state, "hints": state["hints"] + 1}, posts=(post,))


def _wake(state: State) -> datetime:
    return min(_instant(state["ends_at"]), _instant(state["quiet_at"]))


_turn = turns(_wake)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _rule(options: Options) -> str:
    if options.match == "sound":
        return "读音相同就算接上，字和声调可以不同"
    return "要用同一个字，同音字不算"


def _idiom(word: str) -> Idiom:
    """A word of the chain. The dictionary may have lost it since the round began."""
    return idioms.find(word) or Idiom(word, "", "")


def _last(state: State) -> Idiom:
    return _idiom(state["chain"][-1][0])


def _used(state: State) -> set[str]:
    return {word for word, _ in state["chain"]}


def _linked(options: Options, state: State, word: str, member: str, now: datetime) -> State:
    """The state with one more link; the next one is open."""
    return {
        **state,
        "chain": [*state["chain"], [word, member]],
        "quiet_at": (now + timedelta(seconds=options.seconds)).isoformat(),
        "hints": 0,
        "told": {},
    }


def _wanted(options: Options, state: State) -> str:
    last = _last(state)
    how = f"（{last.last}，同音也可以）" if options.match == "sound" and last.last else ""
    return f"> 请接“{last.word[-1]}”{how}开头的成语"


def _refusal(
    options: Options, state: State, member: str, word: str, idiom: Idiom | None, now: datetime
) -> str:
    """Why a message is no link, kindly; empty when it is one."""
    wanted = _wanted(options, state).removeprefix("> ")
    if now >= _instant(state["ends_at"]):
        return "⏰ 本局时间到了，这个没有算上，下次再来。"
    if idiom is None:
        return f"“{word}”不在我的成语词典里，换一个试试：{wanted}。"
    if word in _used(state):
        return f"“{word}”这一局已经接过了，{wanted}。"
    if not idioms.follows(_last(state), idiom, options.match):
        chain = state["chain"]
        slow = len(chain) > 1 and idioms.follows(_idiom(chain[-2][0]), idiom, options.match)
        return (
            f"慢了半步，已经接到“{chain[-1][0]}”了，{wanted}。"
            if slow
            else (f"“{word}”接不上，{wanted}。")
        )
    if state["chain"][-1][1] == member:
        return "上一个就是您接的，让别人接一个，您再来。"
    return ""


def _tell(state: State, member: str, text: str) -> Turn:
    """One friendly answer for each open link; whoever goes on guessing then meets silence."""
    if member in state["told"]:
        return _turn(state)
    return _turn({**state, "told": {**state["told"], member: True}}, reply=text)


def _candidate(options: Options, state: State) -> Idiom | None:
    """What the bot would say: easy to go on from if possible, None when nothing is left."""
    used = _used(state)
    left = [
        one for one in idioms.continuations(_last(state), options.match) if one.word not in used
    ]
    easy = set(idioms.openers(options.match))
    good = [one for one in left[:50] if one in easy]
    return next(iter(good or left), None)


def _past_a_dead_end(options: Options, state: State, now: datetime) -> tuple[State, str]:
    """Where nothing can follow, the bot begins anew at once; and what it says of that."""
    if _candidate(options, state) is not None:
        return state, ""
    dead = state["chain"][-1][0][-1]
    used = _used(state)
    stream = Stream(bytes.fromhex(state["seed"]), f"idiom_chain/anew/{len(used)}")
    easy = [one.word for one in idioms.openers(options.match) if one.word not in used]
    fresh = stream.shuffled(easy[: 10 * len(OPENINGS)])[0]
    after = _linked(options, state, fresh, "", now)
    return after, f"“{dead}”后面没有成语可接了，我换一个开头：**{fresh}**\n"


def _ladder(options: Options, state: State) -> list[str]:
    candidate = _candidate(options, state)
    if candidate is None:
        return []
    word = candidate.word
    return [f"比如“{word[:2]}□□”。", f"比如“{word[:3]}□”。"]


def _close(state: State, reason: str, played: tuple[str, ...] = ()) -> Turn:
    seed, players = bytes.fromhex(state["seed"]), state["players"]
    winners = sorted(
        players,
        key=lambda member: (
            -players[member]["links"],
            Stream(seed, f"idiom_chain-tie/{member}").word(),
            member,
        ),
    )
    after = {**state, "over": {"reason": reason, "winners": winners}}
    return _turn(after, posts=(_closing(after, winners),), played=played)


def _closing(state: State, winners: list[str]) -> str:
    words, players = [word for word, _ in state["chain"]], state["players"]
    if not winners:
        return "🐉 本局结束，这次还没有人接上。成语词典随时都在，下次再一起玩。"
    table = ranking(
        [(players[one]["name"], f"接了 {players[one]['links']} 个") for one in winners[:TOP]]
    )
    return (
        f"🏁 **成语接龙，结束！**\n"
        f"这条龙从“{words[0]}”到“{words[-1]}”，一共 {len(words)} 个。"
        f"{len(players)} 人参加，排名如下：\n{table}"
    )


GAME = IdiomChain()
"""Found by scanning `sop/games`."""

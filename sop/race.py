"""What the games have in common that ask a bank's questions and give each to the first right
answer (歌词诗词接龙, 猜谜语, 看表情猜成语); a game says what is asked, what counts as a guess and
which hints there are.

Whoever answers rightly within `GRACE` of the first gets the same points: nobody can read an answer
and type it in so short a time, and a slow line costs nobody anything. Later the answer has been
read, so repeating it is worth nothing. The chosen questions are part of the state: a running round
keeps them when its bank is edited.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, ClassVar, cast

from pydantic import BaseModel, Field

from sop.answers import Verdict, match, normalise, question_problems
from sop.bank import Bank, Difficulty, Question
from sop.diagnostics import did_you_mean
from sop.draws.stream import Stream
from sop.game import Asked, Judged, Player, State, Turn, View, turns
from sop.model import Strict
from sop.questions import LEVELS, fitting
from sop.times import spoken_duration
from sop.wording import plain, ranking, shown

GRACE = timedelta(seconds=3)
"""After the first right answer; those within it score alike."""

REST = timedelta(seconds=8)
"""Between an explanation and the next question, to read it."""

TOP = 5
"""Places named in the closing ranking."""

POINTS: Mapping[Difficulty, int] = {"easy": 1, "medium": 2, "hard": 3}
"""What a question is worth."""

SCORING = (
    "> 简单 1 分、中等 2 分、较难 3 分；谁先答对谁得分，"
    f"{GRACE.seconds} 秒之内先后答对的同样得分\n"
    "> 分数相同的，答对用时短者在前"
)
"""How speed and ties count, for the opening."""

_SELF_HINTS = 2
"""So many hints come by themselves during a question."""


class RaceOptions(Strict):
    """Options that these games share; each gives its own bank and time."""

    bank: str = Field(description="题库名")
    questions: int = Field(default=5, ge=1, le=20, description="题数")
    seconds: int = Field(default=60, ge=20, le=600, description="每题作答秒数")
    difficulty: Difficulty | None = Field(default=None, description="只出这个难度的题；不写则不限")


class Race(ABC):
    """State: seed, bank, title (of the bank), questions (as in the bank), index, phase (ask or
    rest), asked_at, closes_at, calls (instants of hints to come), hints (given so far), right
    {member: {name, ms}}, guesses {member: {name, n}} and told {member: true} of this question,
    players {member: {name, points, right, ms}} of the questions closed so far, over.
    """

    name: ClassVar[str]
    title: ClassVar[str]
    Options: ClassVar[type[BaseModel]]
    most_guesses: ClassVar[int]
    """Wrong guesses of one member that are listened to in one question."""
    wanted: ClassVar[str]
    """What is to be typed, as the label of the page's input field."""

    @abstractmethod
    def opening(self, options: RaceOptions, bank: Bank, count: int) -> str:
        """The first post, with the rules."""

    def judge(self, question: Question, text: str) -> Verdict:
        """What a message is to the open question."""
        return match(question, text)

    @abstractmethod
    def ladder(self, question: Question) -> list[str]:
        """Its hints, each giving away a little more."""

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """An unknown bank, too few questions to answer in words, or unanswerable ones."""
        chosen = cast(RaceOptions, options)
        bank = banks.get(chosen.bank)
        if bank is None:
            return [f"没有题库“{chosen.bank}”。{did_you_mean(chosen.bank, banks)}"]
        choice = _choice(chosen, bank)
        problems = [
            f"题库“{bank.bank}”的题目“{question.id}”：{problem}。"
            for question in choice
            for problem in question_problems(question)
        ]
        if len(choice) < chosen.questions:
            level = f"“{LEVELS[chosen.difficulty]}”的" if chosen.difficulty else ""
            problems.append(
                f"题库“{bank.bank}”只有 {len(choice)} 道{level}问答题，"
                f"不够出 {chosen.questions} 道（选择题不用在这个游戏里）。"
            )
        return problems

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Takes the first questions of the bank, which comes in the order to ask it. Raises
        ValueError where `problems` would speak of no bank or no fitting question."""
        chosen = cast(RaceOptions, options)
        bank = banks.get(chosen.bank)
        picked = _choice(chosen, bank)[: chosen.questions] if bank else []
        if bank is None or not picked:
            raise ValueError(f"no question in bank {chosen.bank!r}")
        state: State = {
            "seed": seed.hex(),
            "bank": bank.bank,
            "title": bank.title,
            "questions": [question.model_dump() for question in picked],
            "index": -1,
            "players": {},
            "over": None,
        }
        turn = self._ask(chosen, state, now)
        return replace(turn, posts=(self.opening(chosen, bank, len(picked)), *turn.posts))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """A guess, if `text` is one."""
        if state["over"]:
            return None
        verdict = self.judge(_question(state), text)
        if verdict is Verdict.CHATTER:
            return None
        if state["phase"] == "rest" or now >= _instant(state["closes_at"]):
            return _too_late(state, player.id, verdict)
        if player.id in state["right"]:
            return _turn(state)
        made = state["guesses"].get(player.id, {"n": 0})["n"]
        if made >= self.most_guesses:
            return _tell(state, player.id, f"这题您已经猜了 {made} 次，先歇一歇，等下一题。")
        name = shown(player.name)
        if verdict is Verdict.WRONG:
            guesses = {**state["guesses"], player.id: {"name": name, "n": made + 1}}
            return _turn({**state, "guesses": guesses}, played=(player.id,))
        taken = max(timedelta(0), now - _instant(state["asked_at"]))
        entry = {"name": name, "ms": int(taken / timedelta(milliseconds=1))}
        after = {**state, "right": {**state["right"], player.id: entry}}
        if not state["right"]:
            after |= {"closes_at": (now + GRACE).isoformat(), "calls": []}
        return _turn(after, played=(player.id,))

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """The open question, with its hints so far and how the member stands to it."""
        if state["over"]:
            return View(plain(_closing(state, state["over"]["winners"])))
        closes_at = _instant(state["closes_at"])
        solved = member in state["right"]
        if state["phase"] == "rest":
            own = ("您答对了！",) if solved else ()
            return View((*own, *plain(_explanation(state))), closes_at=closes_at)
        question = _question(state)
        lines = [_number(state), question.ask]
        lines += [f"💡 提示：{one}" for one in self.ladder(question)[: state["hints"]]]
        made = state["guesses"].get(member, {"n": 0})["n"]
        left = self.most_guesses - made
        if solved:
            lines.append("您答对了，马上揭晓。")
        elif made:
            lines.append(
                f"还没猜对，您还可以猜 {left} 次。" if left else "这题您猜完了，等下一题。"
            )
        can = not solved and left > 0 and now < closes_at
        return View(tuple(lines), (), self.wanted if can else "", closes_at)

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """A hint, the end of a question, or the next one."""
        if state["over"]:
            return _turn(state)
        if now >= _instant(state["closes_at"]):
            return self.reveal(options, state, now)
        waiting = [call for call in state["calls"] if _instant(call) > now]
        if len(waiting) == len(state["calls"]):
            return _turn(state)
        return self._hinted({**state, "calls": waiting}, None)

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """The next hint of the open question."""
        if state["over"]:
            return _turn(state)
        if state["phase"] == "rest" or state["right"]:
            return _turn(state, reply="这题已经有结果了，下一题马上开始。")
        return self._hinted(state, "这题没有更多提示了。")

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the open question with its answer; during the rest, asks the next."""
        if state["over"]:
            return _turn(state)
        if state["phase"] == "rest":
            return self._ask(cast(RaceOptions, options), state, now)
        after = _settled(state, now)
        if state["index"] + 1 == len(state["questions"]):
            turn = self._close(after, "答完全部题目", (_explanation(state),))
        else:
            turn = _turn(after, posts=(_explanation(state),))
        return replace(turn, judged=_judged(state))

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """More time for the open question."""
        if state["over"]:
            return _turn(state)
        if state["phase"] == "rest" or state["right"]:
            return _turn(state, reply="这题已经有结果了，下一题开始后再延时。")
        more = timedelta(seconds=max(1, min(seconds, 3600)))
        closes_at = max(now, _instant(state["closes_at"])) + more
        post = f"⏱ 本题延长，还有 {spoken_duration(closes_at - now)}。"
        return _turn({**state, "closes_at": closes_at.isoformat()}, posts=(post,))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the open question, and the round with it."""
        if state["over"]:
            return _turn(state)
        if state["phase"] == "rest":
            return self._close(state, "主持人结束", ())
        closed = self._close(_settled(state, now), "主持人结束", (_explanation(state),))
        return replace(closed, judged=_judged(state))

    def _ask(self, options: RaceOptions, state: State, now: datetime) -> Turn:
        question = Question.model_validate(state["questions"][state["index"] + 1])
        hints = min(_SELF_HINTS, len(self.ladder(question)))
        pause = timedelta(seconds=options.seconds) / (hints + 1)
        after = {
            **state,
            "index": state["index"] + 1,
            "phase": "ask",
            "asked_at": now.isoformat(),
            "closes_at": (now + timedelta(seconds=options.seconds)).isoformat(),
            "calls": [(now + pause * (one + 1)).isoformat() for one in range(hints)],
            "hints": 0,
            "right": {},
            "guesses": {},
            "told": {},
        }
        post = f"**{_number(after)}**\n{question.ask}\n> {options.seconds} 秒，直接发答案"
        asked = (Asked(state["bank"], question.id),)
        return replace(_turn(after, posts=(post,)), asked=asked)

    def _hinted(self, state: State, none_left: str | None) -> Turn:
        hints = self.ladder(_question(state))
        if state["hints"] >= len(hints):
            return _turn(state, reply=none_left)
        post = f"💡 提示：{hints[state['hints']]}"
        return _turn({**state, "hints": state["hints"] + 1}, posts=(post,))

    def _close(self, state: State, reason: str, posts: tuple[str, ...]) -> Turn:
        seed, players = bytes.fromhex(state["seed"]), state["players"]
        winners = sorted(
            (member for member, one in players.items() if one["points"]),
            key=lambda member: (
                -players[member]["points"],
                players[member]["ms"],
                Stream(seed, f"{self.name}-tie/{member}").word(),
                member,
            ),
        )
        over = {"reason": reason, "winners": winners}
        after = {**state, "phase": "rest", "calls": [], "over": over}
        return _turn(after, posts=(*posts, _closing(after, winners)))


def length(text: str) -> int:
    """Characters that are to be typed: without punctuation and blanks."""
    return len(normalise(text))


def _choice(options: RaceOptions, bank: Bank) -> list[Question]:
    """Questions with choices are no race: four letters can be guessed."""
    return [one for one in fitting(bank, options.difficulty) if not one.choices]


def _wake(state: State) -> datetime:
    return min(_instant(one) for one in (*state["calls"], state["closes_at"]))


_turn = turns(_wake)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _question(state: State) -> Question:
    return Question.model_validate(state["questions"][state["index"]])


def _number(state: State) -> str:
    level = _question(state).difficulty
    place = f"第 {state['index'] + 1}/{len(state['questions'])} 题"
    return f"{place}（{LEVELS[level]}，{POINTS[level]} 分）"


def _too_late(state: State, member: str, verdict: Verdict) -> Turn | None:
    """A right answer after the time; a wrong one is talk by then."""
    if verdict is Verdict.WRONG or member in state["right"]:
        return None
    if state["right"]:
        return _tell(state, member, "这题已经有人先答对了，下一题加油。")
    return _tell(state, member, "⏰ 这题时间已到，没有计入，下一题早点答。")


def _tell(state: State, member: str, text: str) -> Turn:
    """Answers a surplus or late answer once per question; a spammer then meets silence."""
    if member in state["told"]:
        return _turn(state)
    return _turn({**state, "told": {**state["told"], member: True}}, reply=text)


def _settled(state: State, now: datetime) -> State:
    """The open question scored; a rest follows."""
    players: dict[str, Any] = dict(state["players"])
    worth = POINTS[_question(state).difficulty]
    for member, entry in {**state["guesses"], **state["right"]}.items():
        before = players.get(member, {"points": 0, "right": 0, "ms": 0})
        solved = member in state["right"]
        players[member] = {
            "name": entry["name"],
            "points": before["points"] + worth * solved,
            "right": before["right"] + solved,
            "ms": before["ms"] + (entry["ms"] if solved else 0),
        }
    closes_at = (now + REST).isoformat()
    return {**state, "phase": "rest", "closes_at": closes_at, "calls": [], "players": players}


def _judged(state: State) -> tuple[Judged, ...]:
    """What became of the question that is closed by this turn."""
    answered = {*state["guesses"], *state["right"]}
    solvers = tuple(state["right"])
    return (Judged(state["bank"], _question(state).id, len(answered), solvers),)


def _explanation(state: State) -> str:
    question = _question(state)
    lines = [f"✅ **答案：{question.answer}**", question.explain, _turnout(state)]
    if question.source:
        lines.append(f"> 出处：{question.source}")
    return "\n".join(line for line in lines if line)


def _turnout(state: State) -> str:
    worth = POINTS[_question(state).difficulty]
    if not state["right"]:
        return "这题没有人猜中。" if state["guesses"] else "这题没有人作答。"
    solved = sorted(state["right"].values(), key=lambda one: (one["ms"], one["name"]))
    first, *others = [one["name"] for one in solved[:TOP]]
    seconds = f"{solved[0]['ms'] / 1000:.1f} 秒"
    if not others:
        return f"{first}最先答对（{seconds}），得 {worth} 分。"
    more = f"等 {len(solved)} 人" if len(solved) > TOP else ""
    return f"{'、'.join([first, *others])}{more}几乎同时答对（最快 {seconds}），各得 {worth} 分。"


def _closing(state: State, winners: Sequence[str]) -> str:
    players, heading = state["players"], f"🏁 **{state['title']}，结束！**"
    if not players:
        return f"{heading}\n这次还没有人作答，下次再来。"
    if not winners:
        return f"{heading}\n{len(players)} 人参加，这次没有人答对，下次再来。"
    chosen = [players[member] for member in winners[:TOP]]
    table = ranking([(one["name"], _achieved(one)) for one in chosen])
    return f"{heading}\n{len(players)} 人参加，排名如下：\n{table}"


def _achieved(player: State) -> str:
    return f"{player['points']} 分（答对 {player['right']} 题，用时 {player['ms'] / 1000:.1f} 秒）"

"""Quiz (知识问答): questions from a bank, one answer each, the most right answers win.

What is right stays hidden until a question's time is up, so that nobody copies. Time only
separates members with equally many right answers. The chosen questions are part of the state:
a running round keeps them when its bank is edited.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from typing import ClassVar, cast

from pydantic import BaseModel, Field

from sop.answers import LETTERS, Verdict, match, normalise, question_problems, right_choice
from sop.bank import Bank, Difficulty, Question
from sop.diagnostics import did_you_mean
from sop.draws.stream import Stream
from sop.game import Asked, Judged, Player, State, Turn, View, turns
from sop.model import Strict
from sop.questions import LEVELS, fitting
from sop.times import spoken_duration
from sop.wording import plain, ranking, shown

TOP = 5
"""Places named in the closing ranking."""

REST = timedelta(seconds=10)
"""Between an explanation and the next question, to read it."""

_REMINDED_FROM = 40
"""Seconds; a shorter question gets no reminder at half time."""


class Options(Strict):
    """Options of a quiz round in YAML."""

    bank: str = Field(description="题库名")
    questions: int = Field(default=5, ge=1, le=20, description="题数")
    seconds: int = Field(default=60, ge=10, le=600, description="每题作答秒数")
    difficulty: Difficulty | None = Field(default=None, description="只出这个难度的题；不写则不限")


class Quiz:
    """State: seed, bank, questions (as in the bank), index, phase (ask or rest), asked_at,
    closes_at, half_at, hints (given so far), answers {member: {right, ms}} and told {member: true}
    of this question, players {member: {name, right, ms}} of the questions closed so far, over.
    """

    name: ClassVar[str] = "quiz"
    title: ClassVar[str] = "知识问答"
    Options: ClassVar[type[BaseModel]] = Options

    def problems(self, options: BaseModel, banks: Mapping[str, Bank]) -> list[str]:
        """An unknown bank, too few questions in it, or questions that cannot be answered."""
        chosen = cast(Options, options)
        bank = banks.get(chosen.bank)
        if bank is None:
            return [f"没有题库“{chosen.bank}”。{did_you_mean(chosen.bank, banks)}"]
        choice = fitting(bank, chosen.difficulty)
        problems = [
            f"题库“{bank.bank}”的题目“{question.id}”：{problem}。"
            for question in choice
            for problem in question_problems(question)
        ]
        if len(choice) < chosen.questions:
            level = f"“{LEVELS[chosen.difficulty]}”" if chosen.difficulty else ""
            problems.append(
                f"题库“{bank.bank}”只有 {len(choice)} 道{level}题，不够出 {chosen.questions} 道。"
            )
        return problems

    def announcement(self, options: BaseModel) -> str:
        """Ahead of the round."""
        chosen = cast(Options, options)
        return (
            f"🧠 {chosen.questions} 道题，每题 {chosen.seconds} 秒。\n"
            "每人每题答一次，答对多者胜；答完统一揭晓，附讲解。"
        )

    def host_script(self, options: BaseModel) -> str:
        """For the RM."""
        chosen = cast(Options, options)
        return (
            f"知识问答，{chosen.questions} 道题，每题 {chosen.seconds} 秒，"
            "到点自动揭晓并出下一题。您可以这样带：\n"
            "1. 开局前提醒大家：每题只认第一次回答，先想好再发。\n"
            "2. 没人答时发“提示”；大家都答完了发“揭晓”，不必等到点；想多给时间发“延时 30s”。\n"
            "3. 揭晓后用自己的话补一句身边的例子；想提前收尾发“结束”，按已有得分排名。"
        )

    def start(
        self, options: BaseModel, banks: Mapping[str, Bank], seed: bytes, now: datetime
    ) -> Turn:
        """Picks the questions and asks the first. Raises ValueError where `problems` would speak
        of an unknown bank or one without a fitting question."""
        chosen = cast(Options, options)
        bank = banks.get(chosen.bank)
        choice = fitting(bank, chosen.difficulty) if bank else []
        if not choice:
            raise ValueError(f"no question in bank {chosen.bank!r}")
        picked = choice[: chosen.questions]  # the bank comes in the order to ask it
        state: State = {
            "seed": seed.hex(),
            "bank": chosen.bank,
            "questions": [question.model_dump() for question in picked],
            "index": -1,
            "players": {},
            "over": None,
        }
        opening = (
            "🧠 **知识问答，开始！**\n"
            f"共 {len(picked)} 题，每题 {chosen.seconds} 秒，答对多者胜。\n"
            "> 每人每题只认第一次回答；不逐条回复，到点统一揭晓\n"
            "> 答对题数相同的，用时短者在前"
        )
        state, asking = _ask(chosen, state, now)
        return replace(_turn(state, posts=(opening, asking)), asked=_asked(state))

    def said(
        self, options: BaseModel, state: State, player: Player, text: str, now: datetime
    ) -> Turn | None:
        """An answer to the open question, if `text` is one."""
        if state["over"]:
            return None
        verdict = match(_question(state), text)
        if verdict is Verdict.CHATTER:
            return None
        answered = player.id in state["answers"]
        if state["phase"] == "rest" and answered:
            return None
        if answered:
            return _tell(state, player.id, "您这题已经答过了，以第一次为准，等揭晓吧。")
        if state["phase"] == "rest" or now >= _instant(state["closes_at"]):
            return _tell(state, player.id, "⏰ 这题时间已到，没有计入，下一题早点答。")
        taken = max(timedelta(0), now - _instant(state["asked_at"]))
        answer = {
            "name": shown(player.name),
            "right": verdict is Verdict.RIGHT,
            "ms": int(taken / timedelta(milliseconds=1)),
        }
        answers = {**state["answers"], player.id: answer}
        return _turn({**state, "answers": answers}, played=(player.id,))

    def view(self, options: BaseModel, state: State, member: str, now: datetime) -> View:
        """The open question with its buttons; while it is explained, how the member answered."""
        if state["over"]:
            ending = _closing(self.title, state["players"], state["over"]["winners"])
            return View(plain(ending))
        closes_at = _instant(state["closes_at"])
        answer = state["answers"].get(member)
        if state["phase"] == "rest":
            judged = "您没有作答。"
            if answer is not None:
                judged = "您答对了！" if answer["right"] else "您没答对。"
            return View((judged, *plain(_explanation(state))), closes_at=closes_at)
        question = _question(state)
        lines = [f"第 {state['index'] + 1}/{len(state['questions'])} 题", question.ask]
        lines += [f"💡 提示：{one}" for one in _hints(state)[: state["hints"]]]
        choices = tuple(f"{LETTERS[at]}. {one}" for at, one in enumerate(question.choices))
        if answer is not None or now >= closes_at:
            note = "您已作答，到点揭晓。" if answer is not None else "这题时间已到，马上揭晓。"
            return View((*lines, *choices, note), closes_at=closes_at)
        label = "" if choices else "您的答案"
        return View(tuple(lines), choices, label, closes_at)

    def tick(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Half time, the end of a question, or the next one."""
        if state["over"]:
            return _turn(state)
        if now >= _instant(state["closes_at"]):
            return self.reveal(options, state, now)
        if state["half_at"] is None or now < _instant(state["half_at"]):
            return _turn(state)
        left = spoken_duration(_instant(state["closes_at"]) - now)
        count = len(state["answers"])
        post = f"⏳ 还有 {left}，" + (f"已有 {count} 人作答。" if count else "还没有人作答。")
        return _turn({**state, "half_at": None}, posts=(post,))

    def hint(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """The next hint of the open question."""
        if state["over"]:
            return _turn(state)
        if state["phase"] == "rest":
            return _turn(state, reply="这题已经揭晓，下一题马上开始。")
        hints = _hints(state)
        if state["hints"] >= len(hints):
            return _turn(state, reply="这题没有更多提示了。")
        post = f"💡 提示：{hints[state['hints']]}"
        return _turn({**state, "hints": state["hints"] + 1}, posts=(post,))

    def reveal(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the open question with its explanation; during the rest, asks the next."""
        if state["over"]:
            return _turn(state)
        if state["phase"] == "rest":
            after, asking = _ask(cast(Options, options), state, now)
            return replace(_turn(after, posts=(asking,)), asked=_asked(after))
        after, explanation = _settle(state, now)
        if state["index"] + 1 == len(state["questions"]):
            turn = _close(self.title, after, "答完全部题目", (explanation,))
        else:
            turn = _turn(after, posts=(explanation,))
        return replace(turn, judged=_judged(state))

    def extend(self, options: BaseModel, state: State, now: datetime, seconds: int) -> Turn:
        """More time for the open question."""
        if state["over"]:
            return _turn(state)
        if state["phase"] == "rest":
            return _turn(state, reply="这题已经揭晓，下一题开始后再延时。")
        more = timedelta(seconds=max(1, min(seconds, 3600)))
        closes_at = max(now, _instant(state["closes_at"])) + more
        post = f"⏱ 本题延长，还有 {spoken_duration(closes_at - now)}。"
        return _turn({**state, "closes_at": closes_at.isoformat()}, posts=(post,))

    def end(self, options: BaseModel, state: State, now: datetime) -> Turn:
        """Closes the open question, and the round with it."""
        if state["over"]:
            return _turn(state)
        if state["phase"] == "rest":
            return _close(self.title, state, "主持人结束", ())
        after, explanation = _settle(state, now)
        turn = _close(self.title, after, "主持人结束", (explanation,))
        return replace(turn, judged=_judged(state))


def _wake(state: State) -> datetime:
    return _instant(state["half_at"] or state["closes_at"])


_turn = turns(_wake)


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def _question(state: State) -> Question:
    return Question.model_validate(state["questions"][state["index"]])


def _asked(state: State) -> tuple[Asked, ...]:
    return (Asked(state["bank"], _question(state).id),)


def _judged(state: State) -> tuple[Judged, ...]:
    """What became of the question that is closed by this turn."""
    answers = state["answers"]
    solvers = tuple(member for member, one in answers.items() if one["right"])
    return (Judged(state["bank"], _question(state).id, len(answers), solvers),)


def _ask(options: Options, state: State, now: datetime) -> tuple[State, str]:
    """The state with the next question open, and its text."""
    half = now + timedelta(seconds=options.seconds / 2)
    after = {
        **state,
        "index": state["index"] + 1,
        "phase": "ask",
        "asked_at": now.isoformat(),
        "closes_at": (now + timedelta(seconds=options.seconds)).isoformat(),
        "half_at": half.isoformat() if options.seconds >= _REMINDED_FROM else None,
        "hints": 0,
        "answers": {},
        "told": {},
    }
    question = _question(after)
    lines = [f"**第 {after['index'] + 1}/{len(state['questions'])} 题**", question.ask]
    lines += [f"{LETTERS[at]}. {choice}" for at, choice in enumerate(question.choices)]
    how = "发选项字母作答" if question.choices else "直接发答案"
    lines.append(f"> {options.seconds} 秒，{how}，第一次为准")
    return after, "\n".join(lines)


def _tell(state: State, member: str, text: str) -> Turn:
    """Answers a surplus or late answer once per question; a spammer then meets silence."""
    if member in state["told"]:
        return _turn(state)
    return _turn({**state, "told": {**state["told"], member: True}}, reply=text)


def _hints(state: State) -> list[str]:
    """The bank's hint, then one that gives a little away: a wrong choice, or the length."""
    question = _question(state)
    hints = [question.hint] if question.hint else []
    right = right_choice(question)
    if len(question.choices) > 2:
        wrong = [
            letter for at, letter in enumerate(LETTERS[: len(question.choices)]) if at != right
        ]
        stream = Stream(bytes.fromhex(state["seed"]), f"quiz/hint/{state['index']}")
        hints.append(f"{stream.shuffled(wrong)[0]} 可以排除。")
    elif not question.choices:
        hints.append(f"答案有 {len(normalise(question.answer))} 个字。")
    return hints


def _settle(state: State, now: datetime) -> tuple[State, str]:
    """Scores the open question and explains it; a rest follows."""
    players = dict(state["players"])
    for member, answer in state["answers"].items():
        before = players.get(member, {"right": 0, "ms": 0})
        players[member] = {
            "name": answer["name"],
            "right": before["right"] + answer["right"],
            "ms": before["ms"] + (answer["ms"] if answer["right"] else 0),
        }
    after = {
        **state,
        "phase": "rest",
        "closes_at": (now + REST).isoformat(),
        "half_at": None,
        "players": players,
    }
    return after, _explanation(state)


def _explanation(state: State) -> str:
    question = _question(state)
    right = right_choice(question)
    answer = question.answer if right is None else f"{LETTERS[right]}. {question.choices[right]}"
    lines = [f"✅ **答案：{answer}**", question.explain, _turnout(state)]
    if question.source:
        lines.append(f"> 出处：{question.source}")
    return "\n".join(line for line in lines if line)


def _turnout(state: State) -> str:
    answers = state["answers"].values()
    if not answers:
        return "这题没有人作答。"
    right = [one for one in answers if one["right"]]
    if not right:
        return f"{len(answers)} 人作答，这题难住了大家。"
    fastest = min(right, key=lambda one: (one["ms"], one["name"]))
    return (
        f"{len(answers)} 人作答，{len(right)} 人答对，"
        f"最快：{fastest['name']}（{fastest['ms'] / 1000:.1f} 秒）。"
    )


def _close(title: str, state: State, reason: str, posts: tuple[str, ...]) -> Turn:
    seed = bytes.fromhex(state["seed"])
    players = state["players"]
    winners = sorted(
        (member for member, one in players.items() if one["right"]),
        key=lambda member: (
            -players[member]["right"],
            players[member]["ms"],
            Stream(seed, f"quiz-tie/{member}").word(),
            member,
        ),
    )
    after = {**state, "half_at": None, "over": {"reason": reason, "winners": winners}}
    return _turn(after, posts=(*posts, _closing(title, players, winners)))


def _closing(title: str, players: State, winners: list[str]) -> str:
    if not players:
        return "🧠 本局结束，这次还没有人作答，下次再来。"
    if not winners:
        return f"🏁 **{title}，结束！**\n{len(players)} 人参加，这次没有人答对，下次再来。"
    table = ranking(
        [
            (one["name"], f"答对 {one['right']} 题（用时 {one['ms'] / 1000:.1f} 秒）")
            for one in (players[member] for member in winners[:TOP])
        ]
    )
    return f"🏁 **{title}，结束！**\n{len(players)} 人参加，排名如下：\n{table}"


GAME = Quiz()

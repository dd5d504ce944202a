"""Questions put to communities."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import questions


def use_question(batch: Batch, effect: does.UseQuestion) -> None:
    questions.ask(batch.tx, effect.community, effect.bank, effect.question, batch.now)


def judge_question(batch: Batch, effect: does.JudgeQuestion) -> None:
    questions.judge(
        batch.tx, effect.community, effect.bank, effect.question, effect.answers, effect.right
    )


HANDLERS: Handlers = {
    does.UseQuestion: use_question,
    does.JudgeQuestion: judge_question,
}

"""题库: which banks there are, what is still unasked here, which questions to change."""

from bot.bank_quality import summary
from bot.command import Command, Request, Scope, Topic, no_more
from sop.community import Role
from sop.effects import Effect, Reply
from storage import questions


def _banks(request: Request) -> list[Effect]:
    no_more(request)
    banks = [*request.library.banks.values()]
    if not banks:
        return [Reply("计划库里还没有题库。")]
    one = request.community
    uses = {bank.bank: request.facts.questions.uses(one.id, bank.bank) for bank in banks}
    return [Reply(summary(one.name, banks, uses, questions.tallies(request.tx)))]


COMMANDS = [
    Command(
        name="题库",
        aliases=("banks",),
        roles=frozenset({Role.RM, Role.OPERATOR}),
        scope=Scope.ONE,
        usage="题库〔社群〕",
        example="题库 财富一群",
        summary="还有多少题没问过，哪些题该改",
        handle=_banks,
        private=True,
        topic=Topic.MATERIAL,
    ),
]

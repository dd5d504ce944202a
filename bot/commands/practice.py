"""练习 and 结束练习: hosting a game before simulated members, in 1:1."""

from bot import practice
from bot.command import Command, Request, Scope, Topic, Usage, no_more
from bot.commands.hosting import options_of
from bot.typed import plain
from sop.community import Role
from sop.effects import Effect, EndPractice, Record, Reply
from sop.games import all_games
from sop.hosting import chosen_game
from storage import practices

_HOSTS = frozenset({Role.RM, Role.OPERATOR})
_WORDS = "提示、揭晓、延时 60s、继续、结束"


def _practise(request: Request) -> list[Effect]:
    if request.here is not None:
        return [Reply("练习请在和“群运助手”的单聊里发，群里的人看不到。")]
    if not request.args:
        known = "、".join(game.title for game in all_games().values())
        raise Usage(f"请写要练哪个游戏：{known}。")
    name, *rest = request.args
    game, options = chosen_game(request.library, plain(name), options_of(rest))
    sender = request.sender.id
    played = practice.new_round(sender, game, options, request.seed, request.now)
    played.begin(game.start(options, request.library.banks, request.seed, request.now))
    head = [
        f"**练习·{game.title}**　群里看不到，不计数、不发奖，群友是虚拟的",
        f"主持稿：\n{game.host_script(options)}",
    ]
    return [
        Reply("\n\n".join(head)),
        Reply(f"{played.heard()}\n\n{_foot(played)}"),
        played.effect(),
        Record(sender, "练习", "", game.title),
    ]


def _foot(played: practice.Round) -> str:
    if played.over:
        return "**练习结束**，什么都没有留下。"
    return f"> 您是主持人，可以发：{_WORDS}。退出请发：结束练习"


def said(row: practices.PracticeRow, word: practice.Word, seconds: int, typed: str) -> list[Effect]:
    """The host's word in a practice round."""
    played = practice.kept_round(row)
    played.host(word, seconds, typed)
    heard = played.heard() or "（没有人说话。）"
    return [Reply(f"**练习**\n{heard}\n\n{_foot(played)}"), played.effect()]


def _stop(request: Request) -> list[Effect]:
    no_more(request)
    row = practices.of(request.tx, request.sender.id)
    if row is None:
        return [Reply("您没有在练习。开始请发：练习 游戏名")]
    title = all_games()[row.game].title
    return [EndPractice(request.sender.id), Reply(f"“{title}”的练习结束了，什么都没有留下。")]


COMMANDS = [
    Command(
        name="练习",
        aliases=("practise", "practice"),
        roles=_HOSTS,
        scope=Scope.NONE,
        usage="练习 游戏〔选项=值……〕",
        example="练习 知识问答",
        summary="和虚拟群友练一局怎么主持",
        handle=_practise,
        topic=Topic.HOSTING,
    ),
    Command(
        name="结束练习",
        aliases=("quit",),
        roles=_HOSTS,
        scope=Scope.NONE,
        usage="结束练习",
        example="结束练习",
        summary="不练了，什么都不留下",
        handle=_stop,
        topic=Topic.HOSTING,
    ),
]

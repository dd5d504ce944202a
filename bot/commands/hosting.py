"""开局, 提示, 揭晓, 延时, 结束: hosting a game (主持)."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic_core import PydanticCustomError

from bot.command import Command, Request, Scope, Topic, Usage, no_more
from bot.typed import plain
from sop.community import DeliveryMode, Role
from sop.effects import Effect, Record, Reply
from sop.game import Decided
from sop.games import all_games
from sop.hosting import Verb, host, start_by_host
from sop.play import CannotPlay
from sop.times import parse_duration, spoken_duration

_HOSTS = frozenset({Role.RM, Role.OPERATOR})
_MOST_SECONDS = 1800


def _start(request: Request) -> list[Effect]:
    if not request.args:
        known = "、".join(game.title for game in all_games().values())
        raise Usage(f"请写要玩哪个游戏：{known}。")
    game, *rest = request.args
    options = options_of(rest)
    one, by = request.community, request.sender.id
    detail = " ".join(request.args)
    try:
        effects = start_by_host(
            request.facts,
            request.library,
            one,
            plain(game),
            options,
            by,
            request.now,
            request.seed,
        )
    except CannotPlay as error:
        return [Reply(str(error)), Record(by, "开局", one.id, f"未执行：{detail}")]
    opened = f"🎮 已在“{one.name}”开局。可以发：提示、揭晓、延时 60s、结束\n> 开局不能撤销。"
    return [*effects, *_acknowledged(request, opened), Record(by, "开局", one.id, detail)]


def options_of(words: Sequence[str]) -> dict[str, str]:
    """What stands behind the game: `名称=值`, where a value goes on until the next name. Raises
    Usage."""
    found: dict[str, str] = {}
    last = ""
    for word in words:
        key, equals, value = word.replace("＝", "=").partition("=")
        if equals and key and value:
            last = plain(key)
            found[last] = value
        elif last and not equals:
            found[last] += f" {word}"
        else:
            raise Usage(f"选项“{word}”要写成 名称=值，例如 duration=5m。")
    return found


def _host(
    request: Request, verb: Verb, action: str, typed: str, done: str, seconds: int = 0
) -> list[Effect]:
    one, by = request.community, request.sender.id
    try:
        effects = host(request.facts, request.library, one, verb, request.now, seconds, typed)
    except CannotPlay as error:
        return [Reply(str(error)), Record(by, action, one.id, f"未执行：{error}")]
    detail = spoken_duration(timedelta(seconds=seconds)) if verb == "extend" else typed
    return [*effects, *_acknowledged(request, done, effects), Record(by, action, one.id, detail)]


def _acknowledged(request: Request, text: str, effects: list[Effect] | None = None) -> list[Effect]:
    """In the group itself the game's own post says it all; elsewhere the host wants a word."""
    answered = any(isinstance(one, Reply) for one in effects or ())
    seen = request.here is not None and request.community.mode is not DeliveryMode.ASSIST
    return [] if answered or seen else [Reply(text)]


def _hint(request: Request) -> list[Effect]:
    done = f"💡 已在“{request.community.name}”给出提示。"
    return _host(request, "hint", "提示", _game_named(request), done)


def _reveal(request: Request) -> list[Effect]:
    running = request.facts.running_games(request.community.id)
    outcome = any(isinstance(all_games()[one.game], Decided) for one in running)
    typed = " ".join(request.args) if outcome else _game_named(request)
    return _host(request, "reveal", "揭晓", typed, f"✅ 已在“{request.community.name}”揭晓。")


def _end(request: Request) -> list[Effect]:
    done = f"🏁 已结束“{request.community.name}”的这一局。"
    return _host(request, "end", "结束", _game_named(request), done)


def _extend(request: Request) -> list[Effect]:
    words = [one for one in request.args if not _is_running(request, one)]
    if len(words) > 1:
        raise Usage("只写延长多久就可以了。")
    named = next((one for one in request.args if one not in words), "")
    seconds = seconds_of(words[0]) if words else 60
    done = (
        f"⏱ “{request.community.name}”的这一局延长 {spoken_duration(timedelta(seconds=seconds))}。"
    )
    return _host(request, "extend", "延时", named, done, seconds)


def _game_named(request: Request) -> str:
    """The word after the command, where it names a running game; any other is a mistake."""
    if len(request.args) != 1 or not _is_running(request, request.args[0]):
        no_more(request)
    return " ".join(request.args)


def _is_running(request: Request, word: str) -> bool:
    running = request.facts.running_games(request.community.id)
    return any(plain(word) in (one.game, plain(all_games()[one.game].title)) for one in running)


def seconds_of(typed: str) -> int:
    """`60s`, `2m` or `90` in seconds. Raises Usage, also above half an hour."""
    word = plain(typed)
    try:
        length = parse_duration(f"{word}s" if word.isdecimal() else word)
    except PydanticCustomError as error:
        context = error.context or {}
        raise Usage(f"{context.get('text', '')}{context.get('hint', '')}") from error
    seconds = int(length.total_seconds())
    if seconds > _MOST_SECONDS:
        raise Usage("一次最多延长 30 分钟。")
    return seconds


COMMANDS = [
    Command(
        name="开局",
        aliases=("start",),
        roles=_HOSTS,
        scope=Scope.ONE,
        usage="开局 游戏〔选项=值……〕〔社群〕",
        example="开局 掷骰子 duration=5m",
        summary="马上开一局无奖游戏",
        handle=_start,
        topic=Topic.HOSTING,
    ),
    Command(
        name="提示",
        aliases=("hint",),
        roles=_HOSTS,
        scope=Scope.PLAYING,
        usage="提示〔游戏〕〔社群〕",
        example="提示",
        summary="给正在玩的题目一个提示",
        handle=_hint,
        topic=Topic.HOSTING,
    ),
    Command(
        name="揭晓",
        aliases=("reveal",),
        roles=_HOSTS,
        scope=Scope.PLAYING,
        usage="揭晓〔游戏〕〔结果〕〔社群〕，结果只有竞猜要写",
        example="揭晓",
        summary="公布答案；竞猜时写上结果",
        handle=_reveal,
        topic=Topic.HOSTING,
    ),
    Command(
        name="延时",
        aliases=("extend",),
        roles=_HOSTS,
        scope=Scope.PLAYING,
        usage="延时〔时长〕〔游戏〕〔社群〕，时长写 60s、2m，不写就是 60 秒",
        example="延时 60s",
        summary="这一局多给一点时间",
        handle=_extend,
        topic=Topic.HOSTING,
    ),
    Command(
        name="结束",
        aliases=("end",),
        roles=_HOSTS,
        scope=Scope.PLAYING,
        usage="结束〔游戏〕〔社群〕，多日游戏要写上游戏名",
        example="结束",
        summary="提前结束这一局，按当前名次算",
        handle=_end,
        topic=Topic.HOSTING,
    ),
]

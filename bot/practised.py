"""What a colleague says who is practising a game: in 1:1 the words of a host mean that round, and
not the one that may be running in a group."""

from sqlalchemy import Connection

from bot.command import Usage
from bot.commands import by_word
from bot.commands.hosting import seconds_of
from bot.commands.practice import said
from bot.due import Due, Moment
from bot.natural import meant
from bot.practice import FORGOTTEN, Word
from bot.typed import Line, naming, plain, read
from sop.community import Staff
from sop.effects import Effect, Reply
from storage import practices

_WORDS: dict[str, Word] = {"提示": "hint", "揭晓": "reveal", "延时": "extend", "结束": "end"}
_WAIT = ("继续", "等", "等一下", "等等", "go")
_EXTENDS = "60s"
_ONLY_HOST = (
    "您在练习当主持人，群友由我来演，不用您作答。可以发：提示、揭晓、延时 60s、继续、结束。"
    "退出请发：结束练习"
)


def practised(
    tx: Connection, due: Due, staff: Staff, text: str, moment: Moment
) -> list[Effect] | None:
    """What the word does to the sender's practice round; None when it is none for it: another
    command, one that names a community, or nobody practises."""
    word, args = _host_word(text)
    if (word is None and _some_command(text)) or naming(args, due.settings.communities).named:
        return None
    row = practices.of(tx, staff.id)
    if row is None or moment.now - row.kept_at > FORGOTTEN:
        return None
    if word is None:
        return [Reply(_ONLY_HOST)]
    try:
        seconds = seconds_of(args[0] if args else _EXTENDS) if word == "extend" else 0
    except Usage as error:
        return [Reply(str(error))]
    return said(row, word, seconds, " ".join(args))


def _some_command(text: str) -> bool:
    """Whether the text is a command, or close to one."""
    return read(meant(text) or text, by_word()) is not None


def _host_word(text: str) -> tuple[Word | None, tuple[str, ...]]:
    if plain(text) in _WAIT:
        return "wait", ()
    line = read(meant(text) or text, by_word())
    if not isinstance(line, Line):
        return None, ()
    return _WORDS.get(line.command.name), line.args

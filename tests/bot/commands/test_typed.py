"""What a typed line means, before anybody's rights are asked."""

from zoneinfo import ZoneInfo

import pytest

from bot.commands import by_word
from bot.typed import Line, Naming, Near, as_word, naming, read, words
from sop.community import Community, DeliveryMode

COMMANDS = by_word()


def community(id: str, name: str) -> Community:
    zone = ZoneInfo("Asia/Shanghai")
    return Community(id, name, f"wr-{id}", "li", DeliveryMode.ROBOT, frozenset(), zone)


ONE = community("wealth-01", "财富一群")
TWO = community("wealth-02", "财富 VIP 群")
THREE = community("vip", "VIP")
TWIN = community("twin", "财富一群")


@pytest.mark.parametrize(
    ("line", "name", "args"),
    [
        ("今日", "今日", ()),
        ("  今日　", "今日", ()),
        ("/今日", "今日", ()),
        ("／今日", "今日", ()),
        ("/ 今日", "今日", ()),
        ("今日。", "今日", ()),
        ("今日？", "今日", ()),
        ("TODAY", "今日", ()),
        ("ｔｏｄａｙ", "今日", ()),
        ("今天", "今日", ()),
        ("?", "帮助", ()),
        ("？", "帮助", ()),
        ("skip tue-dice 下雨，路滑", "跳过", ("tue-dice", "下雨，路滑")),
        ("跳过　２　“客户 大会”", "跳过", ("２", "客户 大会")),
        ("查 「Ann Lee」", "查", ("Ann Lee",)),
        ("查 'Ann Lee'", "查", ("Ann Lee",)),
        ('查 "Ann', "查", ('"Ann',)),
        ("开局 quiz seconds=30", "开局", ("quiz", "seconds=30")),
    ],
)
def test_read_command_line(line: str, name: str, args: tuple[str, ...]) -> None:
    assert read(line, COMMANDS) == Line(COMMANDS[name], args)


@pytest.mark.parametrize(
    ("line", "word", "meant", "name"),
    [
        ("周报上周", "周报上周", "周报 上周", "周报"),
        ("结束了吗", "结束了吗", "结束 了吗", "结束"),
        ("去标签王芳 基金", "去标签王芳", "去标签 王芳 基金", "去标签"),
        ("推退 3 30m", "推退", "推迟 3 30m", "推迟"),
        ("今晚", "今晚", "今日", "今日"),
        ("todya", "todya", "today", "今日"),
        ("/postpon 3 1h", "postpon", "postpone 3 1h", "推迟"),
    ],
)
def test_read_near_command(line: str, word: str, meant: str, name: str) -> None:
    assert read(line, COMMANDS) == Near(word, meant, COMMANDS[name])


@pytest.mark.parametrize(
    "line",
    [
        "",
        "   ",
        "“”",
        "/",
        "你好",
        "谢谢大家，明天见",
        "ok",
        "hello",
        "🎲",
        "今日份的快乐是什么呢大家一起来说说",
    ],
)
def test_read_no_command(line: str) -> None:
    assert read(line, COMMANDS) is None


def test_words_keep_quotes_together() -> None:
    assert words("a “b c” 'd e' 「f g」 h") == ("a", "b c", "d e", "f g", "h")


@pytest.mark.parametrize(
    ("args", "named", "typed", "rest"),
    [
        ((), (), "", ()),
        (("tue-dice",), (), "", ("tue-dice",)),
        (("财富一群",), (ONE,), "财富一群", ()),
        (("WEALTH-01", "tue-dice"), (ONE,), "WEALTH-01", ("tue-dice",)),
        (
            ("tue-dice", "ｗｅａｌｔｈ－０１", "雨"),
            (ONE,),
            "ｗｅａｌｔｈ－０１",
            ("tue-dice", "雨"),
        ),
        (("3", "财富", "vip", "群"), (TWO,), "财富 vip 群", ("3",)),
        (("财富 VIP 群", "3"), (TWO,), "财富 VIP 群", ("3",)),
        (("财富", "VIP"), (THREE,), "VIP", ("财富",)),
    ],
)
def test_naming_finds_longest_name(
    args: tuple[str, ...], named: tuple[Community, ...], typed: str, rest: tuple[str, ...]
) -> None:
    assert naming(args, [ONE, TWO, THREE]) == Naming(named, typed, rest)


def test_naming_shared_name_gives_both() -> None:
    assert naming(["财富一群"], [ONE, TWO, TWIN]) == Naming((ONE, TWIN), "财富一群", ())


def test_as_word_is_what_naming_understands() -> None:
    every = [ONE, TWO, THREE, TWIN]
    typed = [as_word(one, every) for one in every]
    assert typed == ["wealth-01", "“财富 VIP 群”", "VIP", "twin"]
    assert [naming(words(word), every).named for word in typed] == [(one,) for one in every]

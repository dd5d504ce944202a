"""`leads import` and `channel list` as an operator types them."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, text

from bot.vault import DATA_KEYS, Vault, about, read_keys
from storage import channel_ways
from storage.channel_ways import Wanted
from tests.house import CONFIG
from tests.terminal import Run, stored

NOW = datetime(2026, 11, 24, 1, 0, tzinfo=UTC)
KEYS = {DATA_KEYS: f"2026a:{'ab' * 32}"}
CALL = {
    "channel": "call",
    "title": "外呼",
    "applies_to": {"labels": ["first"]},
    "leads": {"verification": "我是{{ owner }}"},
}
LIST = "姓名,手机号,优先级\n王女士,138 1234 5678,高\n张先生,+86-139-1234-5678,\n"


@pytest.fixture
def qunyun(terminal: Run, secrets: None, monkeypatch: pytest.MonkeyPatch) -> Run:
    """The terminal in a folder with one channel and one list."""
    for name, value in KEYS.items():
        monkeypatch.setenv(name, value)
    config = {**CONFIG, "library": ["library"]}
    Path("config.yaml").write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
    Path("library").mkdir()
    Path("library/call.yaml").write_text(json.dumps(CALL, ensure_ascii=False), encoding="utf-8")
    Path("四月.csv").write_bytes(LIST.encode("gb18030"))
    assert terminal("db", "upgrade")[0] == 0
    return terminal


def rows(query: str) -> list[tuple[Any, ...]]:
    """Plain SQL."""

    def read(tx: Connection) -> list[tuple[Any, ...]]:
        return [tuple(one) for one in tx.execute(text(query))]

    return stored(read)


SUMMARY = "一共 2 位：优先级 1 有 1 位，优先级 2 有 1 位\n分给：李静 2 位\n"


def test_list_is_checked_first_and_written_when_confirmed(qunyun: Run) -> None:
    words = ("leads", "import", "四月.csv", "--channel", "call", "--by", "li")
    only = "只检查了，没有写入。没有问题就加上 --confirm 再运行一次。\n"
    assert qunyun(*words) == (0, SUMMARY + only, "")
    assert rows("SELECT count(*) FROM lead") == [(0,)]
    written = SUMMARY + "写入 2 条，0 条以前就有\n"
    assert qunyun(*words, "--confirm") == (0, written, "")
    kept = rows("SELECT list, line, channel, name, masked, priority, staff, status FROM lead")
    assert kept == [
        ("四月", 2, "call", "王女士", "138****5678", 1, "li", "waiting"),
        ("四月", 3, "call", "张先生", "139****5678", 2, "li", "waiting"),
    ]
    ((sealed,), _) = rows("SELECT phone FROM lead ORDER BY line")
    vault = Vault(read_keys(KEYS), lambda size: b"\0" * size)
    assert vault.open(sealed, about("lead", "phone", "四月", 2)) == "13812345678"
    assert b"13812345678" not in Path("data/qunyun.db").read_bytes()
    ((channel, target, body),) = rows("SELECT channel, target, body FROM outbox")
    told = {"markdown": "📋 新名单“四月”有 2 位分给您，发“线索”查看。"}
    assert (channel, json.loads(target), json.loads(body)) == ("app_message", {"user": "li"}, told)


def test_known_numbers_are_skipped_and_named(qunyun: Run) -> None:
    words = ("leads", "import", "四月.csv", "--channel", "call", "--by", "li")
    qunyun(*words, "--confirm")
    again = SUMMARY + "以前的名单里已经有 2 位，会跳过：第 2、3 行\n"
    taken = "已经有一份叫“四月”的名单，请用 --list 换个名字。\n"
    assert qunyun(*words) == (1, again, taken)
    assert qunyun(*words, "--list", "五月", "--confirm") == (
        0,
        again + "写入 0 条，2 条以前就有\n",
        "",
    )
    assert rows("SELECT DISTINCT list FROM lead") == [("四月",)]


def test_known_numbers_are_known_while_keys_are_rotated(
    qunyun: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Regression: under a new key every number was a new one until `db rotate-keys` had run."""
    words = ("leads", "import", "四月.csv", "--channel", "call", "--by", "li", "--confirm")
    qunyun(*words)
    monkeypatch.setenv(DATA_KEYS, f"2026b:{'cd' * 32},{KEYS[DATA_KEYS]}")
    again = SUMMARY + "以前的名单里已经有 2 位，会跳过：第 2、3 行\n"
    told = again + "写入 0 条，2 条以前就有\n"
    assert qunyun(*words, "--list", "五月") == (0, told, "")
    assert rows("SELECT DISTINCT list FROM lead") == [("四月",)]


def test_every_problem_is_told_and_nothing_written(qunyun: Run) -> None:
    Path("坏.csv").write_text("姓名,手机号\n,123\n", encoding="utf-8")
    code, out, err = qunyun("leads", "import", "坏.csv", "--channel", "call", "--by", "li")
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        "坏.csv 的 B2：手机号要 11 位，这里有 3 位。",
        "坏.csv 的 A2：没有写姓名。请写怎么称呼，例如 王女士。",
        "共 2 个问题，什么也没有写入。",
    ]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--channel", "cal", "--by", "li"), "没有渠道“cal”。您是想写 call 吗？\n"),
        (("--channel", "call", "--by", "nobody"), "同事里没有 userid“nobody”。\n"),
    ],
)
def test_wrong_option_says_so(qunyun: Run, words: tuple[str, ...], said: str) -> None:
    assert qunyun("leads", "import", "四月.csv", *words) == (1, "", said)


def test_numbers_are_not_kept_without_a_key(qunyun: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(DATA_KEYS)
    code, out, err = qunyun("leads", "import", "四月.csv", "--channel", "call", "--by", "li")
    assert (code, out) == (1, "")
    assert err.startswith("没有配置数据密钥 QUNYUN_DATA_KEYS")


def test_channels_are_listed_with_what_became_of_them(qunyun: Run) -> None:
    def fill(tx: Connection) -> None:
        for kind, community in (("contact", ""), ("group", "first"), ("template", "")):
            channel_ways.want(tx, Wanted("call", kind, community, "call", "s"), NOW)
        contact, group, _ = channel_ways.every_way(tx)
        channel_ways.made(tx, contact, "c1", "https://qr.example/1", NOW)
        channel_ways.failed(tx, group, "没有这个群", NOW)

    assert qunyun("channel", "list") == (
        0,
        "还没有渠道：在计划库里写渠道文件（channel:），服务运行时会自动开好二维码。\n",
        "",
    )
    stored(fill)
    assert qunyun("channel", "list") == (
        0,
        "call　外呼　联系我　https://qr.example/1\n"
        "call　外呼　入群（进“一群”）　开不出来：没有这个群\n"
        "call　外呼　入群欢迎语素材　正在开\n",
        "",
    )

"""`members` in the terminal: who there is, one's own file, erasing with proof, how long kept."""

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from storage import activity, money, payouts, people, privacy
from tests.terminal import Run, stored

NOON = datetime(2026, 11, 24, 4, 0, tzinfo=UTC)
BY = ("--by", "wangqiang")
MEMBER, NAME = "wmAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA1", "魏铭澄"


@pytest.fixture
def qunyun(installed: Run) -> Run:
    """The terminal beside a database with two members."""
    stored(fill)
    return installed


def fill(tx: Any) -> None:
    for member, name in ((MEMBER, NAME), ("wmB", "乙")):
        people.arrive(tx, "wealth-01", member, name, "", NOON)
        action = activity.Action("wealth-01", member, "message", NOON, date(2026, 11, 24))
        activity.count(tx, [action])


def award(tx: Any) -> None:
    money.award(
        tx,
        key=f"deck/{MEMBER}",
        source="join-hook",
        budget_fen=10_000,
        community="wealth-01",
        member=MEMBER,
        prize="红包",
        amount_fen=888,
        payable_on=date(2026, 12, 1),
        now=NOON,
    )


def files() -> bytes:
    return b"".join(one.read_bytes() for one in sorted(Path("data").glob("qunyun.db*")))


def test_members_are_listed_with_masked_names(qunyun: Run) -> None:
    stored(lambda tx: privacy.opt_out(tx, "wmB", NOON))
    stored(lambda tx: privacy.ask_erasure(tx, "wmB", "wealth-01", NOON))
    assert qunyun("members", "list") == (
        0,
        f"{MEMBER}　魏＊＊　wealth-01\n"
        "wmB　乙＊＊　wealth-01　退出统计　2026-11-24 申请删除\n"
        "列出 2 位，1 位申请了删除\n",
        "",
    )
    assert qunyun("members", "list", "--name", "铭")[1].startswith(f"{MEMBER}　魏＊＊")
    assert qunyun("members", "list", "--asked")[1].startswith("wmB")


def test_a_member_is_shown_in_counts(qunyun: Run) -> None:
    assert qunyun("members", "show", MEMBER) == (
        0,
        f"{MEMBER}　魏＊＊\n昵称　1 条\n入群和离群　1 条\n每天的活跃次数　1 条\n活跃记录　1 条\n",
        "",
    )
    unknown = "没有这位成员的资料，请核对编号（qunyun members list）。\n"
    assert qunyun("members", "show", "wmX") == (1, "", unknown)


def test_the_members_file_is_private_and_noted(qunyun: Run) -> None:
    code, out, _ = qunyun("members", "export", MEMBER, *BY, "--out", "one.json")
    written = Path("one.json")
    content = json.loads(written.read_text(encoding="utf-8"))
    filled = {title: rows for title, rows in content["资料"].items() if rows}
    noted = stored(
        lambda tx: tx.execute(text("SELECT actor, action, subject, detail FROM audit")).all()
    )
    assert (code, out, written.stat().st_mode & 0o777, content["成员编号"]) == (
        0,
        "写好了 one.json，已记入操作记录。交给本人以后请删掉这个文件。\n",
        0o600,
        MEMBER,
    )
    assert (list(filled), filled["昵称"][0]["name"]) == (
        ["昵称", "入群和离群", "每天的活跃次数", "活跃记录"],
        NAME,
    )
    assert [tuple(row) for row in noted] == [("wangqiang", "导出成员资料", MEMBER, "")]
    again = qunyun("members", "export", MEMBER, *BY, "--out", "one.json")
    assert again == (1, "", "one.json 已经存在，请换一个文件名。\n")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ((), "config.yaml 的 staff 里没有“”，请用 --by 写您的 userid。\n"),
        (("--by", "nobody"), "config.yaml 的 staff 里没有“nobody”，请用 --by 写您的 userid。\n"),
        (("--by", "lijing"), "“李静”不是主管或管理员，不能导出或删除成员资料。\n"),
        (BY, "请用 --reason 写明为什么删除，例如 --reason 本人要求。\n"),
    ],
)
def test_erasing_needs_an_administrator_and_a_reason(
    qunyun: Run, words: tuple[str, ...], told: str
) -> None:
    assert qunyun("members", "erase", MEMBER, *words) == (1, "", told)


def test_erasing_removes_every_byte_and_is_proved(qunyun: Run) -> None:
    before = files()
    code, out, err = qunyun("members", "erase", MEMBER, *BY, "--reason", "本人要求")
    after = files()
    sought = (MEMBER.encode(), NAME.encode())
    assert [[one in data for one in sought] for data in (before, after)] == [
        [True, True],
        [False, False],
    ]
    lines = out.splitlines()
    assert (code, err, lines[0], lines[2:]) == (
        0,
        "",
        "删除了这位成员的资料：处理 4 处。",
        [
            "中奖、发奖和账本的记录按规定留存，但已经认不出是谁。",
            "数据库文件里已经找不到这位成员的编号。",
        ],
    )
    code, proof, _ = qunyun("members", "erase", MEMBER, "--prove")
    shown = proof.splitlines()
    assert (code, shown[1:5], shown[-2:]) == (
        0,
        [
            "  activity.member: deleted　1",
            "  daily.member: deleted　1",
            "  member: deleted　1",
            "  membership.member: renamed　1",
        ],
        ["✅ 证明的散列链完整", "✅ 数据库里没有这个编号"],
    )
    again = qunyun("members", "erase", MEMBER, *BY, "--reason", "本人要求")
    told = "这位成员的资料已经删除过。查看证明：qunyun members erase 编号 --prove\n"
    assert again == (1, "", told)
    assert qunyun("members", "erase", "wmX", "--prove") == (1, "没有这位成员的删除证明。\n", "")


def test_prizes_are_settled_before_erasing(qunyun: Run) -> None:
    stored(award)
    code, _, err = qunyun("members", "erase", MEMBER, *BY, "--reason", "本人要求")
    assert (code, err.partition("（例如")[0], err.rpartition("）")[2]) == (
        1,
        "有 1 份奖品还没有结清",
        "，请先发完；成员说明放弃的，加 --force。\n",
    )
    code, out, _ = qunyun("members", "erase", MEMBER, *BY, "--reason", "本人要求", "--force")
    assert (code, out.splitlines()[0]) == (
        0,
        "删除了这位成员的资料：处理 6 处，放弃了 1 份奖品，钱回到预算。",
    )
    assert qunyun("db", "check") == (0, "数据库完好，账本平衡。\n", "")


def test_what_is_on_its_way_is_waited_for(qunyun: Run) -> None:
    stored(award)

    def submit(tx: Any) -> None:
        (row,) = payouts.mature(tx, date(2026, 12, 1), NOON)
        payouts.approve(tx, row.order_no, row.amount_fen, "wangqiang", NOON)
        payouts.submit(tx, row.order_no, NOON, None)

    stored(submit)
    words = ("members", "erase", MEMBER, *BY, "--reason", "本人要求", "--force")
    code, _, err = qunyun(*words)
    assert (code, err.rpartition("），")[2]) == (1, "等有了结果再删除。\n")


def test_opting_out_by_word_of_mouth(qunyun: Run) -> None:
    assert qunyun("members", "opt-out", MEMBER, *BY) == (0, "退出统计：已登记\n", "")
    assert stored(privacy.opted_out) == {MEMBER}
    assert qunyun("members", "opt-in", MEMBER, *BY) == (0, "恢复统计：已登记\n", "")
    assert stored(privacy.opted_out) == set()


def test_erased_stay_forgotten_until_they_come_back_themselves(qunyun: Run) -> None:
    qunyun("members", "erase", MEMBER, *BY, "--reason", "本人要求")
    assert stored(lambda tx: privacy.forgotten(tx, [MEMBER, "wmB"])) == {MEMBER}
    stored(lambda tx: people.arrive(tx, "wealth-01", MEMBER, "", "", NOON))
    assert stored(lambda tx: privacy.forgotten(tx, [MEMBER, "wmB"])) == set()


def test_a_restored_backup_asks_for_the_erasures_made_since(qunyun: Run) -> None:
    qunyun("db", "backup", "before.db")
    qunyun("members", "erase", MEMBER, *BY, "--reason", "本人要求")
    code, _, err = qunyun("db", "restore", "before.db")
    asked = stored(privacy.requests)
    assert (code, err, [(one.member, one.community) for one in asked]) == (
        0,
        "",
        [(MEMBER, "wealth-01")],
    )


def test_terms_of_keeping_are_printed(qunyun: Run) -> None:
    code, out, _ = qunyun("members", "retention")
    lines = out.splitlines()
    assert (code, lines[0], lines[-1]) == (
        0,
        "处理不了的消息（inbox）　30 天后删除　查原因；处理好的两天后就删",
        "每天凌晨办理，分批进行。",
    )

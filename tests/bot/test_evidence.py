"""Evidence of rounds that ran over the whole stack, and what people are told about it."""

import json
from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from bot.desk import Refused
from bot.evidence import evidence_json, judge
from sop.draws.verify import verify
from storage import draws
from storage.deck_values import DrawRow
from tests.house import FIRST, House
from tests.real_rounds import (
    MEMBERS,
    NAMES,
    draw_and_enter,
    finish,
    friday,
    reopened,
    weekend,
)
from tests.terminal import Run

INSTANT, RAFFLE = 1, 2


@pytest.fixture
async def house(tmp_path: Path, weekend_file: bytes) -> AsyncIterator[House]:
    """Saturday evening: both rounds are over."""
    path = tmp_path / "qunyun.db"
    path.write_bytes(weekend_file)
    async with reopened(f"sqlite:///{path}") as one:
        yield one


@pytest.fixture
async def real_house(database_url: str) -> AsyncIterator[House]:
    """The same, just played over each kind of database."""
    async with weekend(database_url) as one:
        yield one


@pytest.fixture
async def open_house(sqlite_url: str) -> AsyncIterator[House]:
    """Friday evening: cards are drawn, the raffle is entered, nothing has ended."""
    async with friday(sqlite_url) as one:
        await draw_and_enter(one)
        yield one


async def evidence_of(house: House, deck: int) -> dict[str, Any]:
    text = await house.database.read(lambda tx: evidence_json(tx, deck))
    value: dict[str, Any] = json.loads(text)
    return value


async def test_real_rounds_verify(real_house: House) -> None:
    instant = await evidence_of(real_house, INSTANT)
    raffle = await evidence_of(real_house, RAFFLE)
    assert (verify(instant), verify(raffle)) == ([], [])
    assert (instant["mode"], raffle["mode"]) == ("instant", "entrants")
    assert [entry["type"] for entry in instant["log"]] == [
        "draw", "draw", "draw", "amendment", "draw", "draw", "close",
    ]  # fmt: skip
    assert [entry["type"] for entry in raffle["log"]] == [
        "freeze", "decide", "draw", "draw", "draw", "close",
    ]  # fmt: skip


async def test_every_draw_is_in_the_evidence_under_its_receipt(real_house: House) -> None:
    for deck in (INSTANT, RAFFLE):
        value = await evidence_of(real_house, deck)
        receipts = [entry["previous"] for entry in value["log"][1:]]
        rows = await real_house.database.read(partial(draws.of, deck=deck))
        assert [
            (entry["position"], entry["code"], entry["prize"], receipts[entry["number"]])
            for entry in value["log"]
            if entry["type"] == "draw"
        ] == [(row.position, row.code, row.prize, row.receipt) for row in rows]


@pytest.mark.parametrize("deck", [INSTANT, RAFFLE])
async def test_evidence_names_nobody(house: House, deck: int) -> None:
    text = await house.database.read(lambda tx: evidence_json(tx, deck))
    assert [one for one in (*MEMBERS, *NAMES.values(), "王小") if one in text] == []


async def test_public_posts_carry_what_the_evidence_must_match(house: House) -> None:
    value = await evidence_of(house, RAFFLE)
    posted = str(await house.rows("SELECT body FROM outbox ORDER BY id"))
    for told in (value["commitment"], value["head"], value["seed"]):
        assert told in posted
    assert value["log"][0]["entrants_hash"] in posted


async def test_evidence_of_an_open_round_is_refused(open_house: House) -> None:
    with pytest.raises(Refused, match="1 号奖池还没有结束，种子要到结束时才公布"):
        await open_house.database.read(lambda tx: evidence_json(tx, INSTANT))


async def test_evidence_of_no_round_is_refused(open_house: House) -> None:
    with pytest.raises(Refused, match="没有 9 号奖池，请看 qunyun campaign list"):
        await open_house.database.read(lambda tx: evidence_json(tx, 9))


async def test_row_changed_behind_our_back_is_found(house: House) -> None:
    await house.write("UPDATE deck SET seed = '" + "ab" * 32 + "' WHERE id = 1")
    checks = {check for check, _ in verify(await evidence_of(house, INSTANT))}
    assert checks == {"commitment", "draws"}


# --- 验奖 ------------------------------------------------------------------------------------


def _lines(drawn: Sequence[DrawRow], size: int, worth: Mapping[str, str]) -> list[str]:
    return [
        f"第 {one.position + 1}/{size} 张　{worth[one.prize]}　本次凭证 `{one.receipt}`"
        for one in drawn
    ]


async def test_member_is_told_codes_and_receipts(house: House) -> None:
    first = MEMBERS[0]
    (answer,) = await house.say(first, "验奖", FIRST)
    festival = await house.database.read(lambda tx: draws.by_member(tx, INSTANT, first))
    raffle = await house.database.read(lambda tx: draws.by_member(tx, RAFFLE, first))
    worth = {"大红包": "大红包 8.88 元", "茶杯": "茶杯 15.00 元", "积分 20": "积分 20"}
    lines = [
        "回答: **我的凭证**",
        "**周末大奖**（2026-11-27）　已结束，种子已公布",
        f"凭证 `{raffle[0].code}`",
        *_lines(raffle, 3, {**worth, "小红包": "小红包 1.88 元"}),
        "**周五节**（2026-11-27）　已结束，种子已公布",
        f"凭证 `{festival[0].code}`",
        *_lines(festival, 7, {**worth, "小红包": "小红包 1.00 元"}),
    ]
    lines += ["> 这些凭证都会记在证据文件里，结束后请向客户经理要这个文件。"]
    assert (len(festival), len(raffle)) == (2, 1)
    assert answer == "\n".join(lines)


async def test_member_who_won_nothing_is_told_so(house: House) -> None:
    winners = {one.member for one in await house.database.read(lambda tx: draws.of(tx, RAFFLE))}
    loser = next(one for one in MEMBERS[4:6] if one not in winners)
    (answer,) = await house.say(loser, "我的凭证", FIRST)
    code = await house.database.read(lambda tx: draws.entrant_code(tx, RAFFLE, loser))
    assert answer == (
        "回答: **我的凭证**\n"
        "**周末大奖**（2026-11-27）　已结束，这一期没有抽中\n"
        f"凭证 `{code}`\n"
        "> 这些凭证都会记在证据文件里，结束后请向客户经理要这个文件。"
    )


async def test_member_of_open_rounds_is_told_what_comes(open_house: House) -> None:
    (answer,) = await open_house.say(MEMBERS[2], "验奖", FIRST)
    states = [line.split("　")[1] for line in answer.split("\n") if line.startswith("**周")]
    assert states == ["已报名，等开奖", "进行中，结束时公布种子"]


async def test_member_of_a_frozen_round_is_told_to_wait(open_house: House) -> None:
    await open_house.until("11-27 20:31")
    await open_house.owed()
    (answer,) = await open_house.say(MEMBERS[4], "验奖", FIRST)
    assert answer.split("\n")[1] == "**周末大奖**（2026-11-27）　名单已封存，等开奖"


async def test_member_without_a_draw_is_told_so(house: House) -> None:
    assert await house.say(MEMBERS[6], "验奖", FIRST) == [
        "回答: 您还没有抽过奖。抽奖后在这里能看到您的凭证，结束后可以验证。"
    ]


async def test_staff_verify_a_round(house: House) -> None:
    (answer,) = await house.say("wang", "验奖 周末大奖", None)
    value = await evidence_of(house, RAFFLE)
    assert answer == (
        "wang: **周末大奖 2026-11-27（2 号）·验证通过**\n"
        "✅ 7 项检查全部通过，抽出 3/3 张，张张对得上。\n"
        f"> 种子 `{value['seed']}`\n"
        f"> 承诺值 `{value['commitment']}`\n"
        f"> 日志末尾 `{value['head']}`\n"
        "> 公开值 3 11 17 20 26 31（2026-11-28 双色球第 2026137 期红球）\n"
        "> 给群友的证据文件：qunyun campaign evidence 2 --out evidence.json"
    )


@pytest.mark.parametrize("typed", ["验奖 1", "验奖 festival", "verify 周五节"])
async def test_staff_name_a_round_in_any_way(house: House, typed: str) -> None:
    (answer,) = await house.say("li", typed, None)
    assert answer.startswith("li: **周五节 2026-11-27（1 号）·验证通过**\n")


async def test_staff_hear_of_a_forged_round(house: House) -> None:
    await house.write("UPDATE draw SET code = 'x' WHERE deck = 1")  # not what is published
    await house.write("UPDATE deck SET head = '" + "0" * 64 + "' WHERE id = 1")
    assert await house.say("wang", "验奖 1", None) == [
        "wang: **周五节 2026-11-27（1 号）·验证不通过**\n"
        "❌ 日志一环扣一环：日志末尾的哈希不符：最后一条被改动或删除\n"
        "请立即告诉管理员。"
    ]


@pytest.mark.parametrize(
    ("who", "typed", "answer"),
    [
        ("wang", "验奖", "请写活动的名字，或奖池编号。"),
        ("wang", "验奖 没有", "没有叫“没有”的抽奖。开过的有：周末大奖、周五节。"),
        ("wang", "验奖 9", "没有 9 号奖池。最近的有：2（周末大奖）、1（周五节）。"),
        ("chen", "验奖 1", "您的社群还没有开过抽奖，没有可以验证的。"),
    ],
)
async def test_staff_name_no_round(house: House, who: str, typed: str, answer: str) -> None:
    (told,) = await house.say(who, typed, None)
    assert told.split("\n")[0] == f"{who}: {answer}"


async def test_staff_verify_an_open_round(open_house: House) -> None:
    await open_house.owed()
    assert await open_house.say("li", "验奖 周五节", None) == [
        "li: 周五节 2026-11-27（1 号）还没有结束，种子要到结束时才公布。"
    ]


# --- the terminal ----------------------------------------------------------------------------


async def test_draw_verify_with_a_receipt(open_house: House, qunyun: Run) -> None:
    await finish(open_house)
    text = await open_house.database.read(lambda tx: evidence_json(tx, INSTANT))
    Path("e.json").write_text(text, encoding="utf-8")
    value = json.loads(text)
    code = value["log"][0]["code"]
    told = (
        "✅ 文件完整可读\n✅ 规则没有被改动\n✅ 承诺值对得上\n✅ 日志一环扣一环\n"
        "✅ 抽奖的先后合规\n✅ 参加名单没有变\n✅ 每张奖品都对得上\n"
        "festival 2026-11-27：共抽出 5 张，全部对得上。\n"
        f"承诺值 {value['commitment']}\n"
        f"日志末尾 {value['head']}\n"
        "请把这两个值与群里开始、结束时的公告核对。\n"
    )
    assert qunyun("draw", "verify", "e.json") == (0, told, "")
    done, shown, _ = qunyun("draw", "verify", "e.json", "--receipt", code.upper())
    assert done == 0
    assert [line.split("：")[0] for line in shown.split("\n")[11:-1]] == [f"✅ 凭证 {code}"] * 2
    assert qunyun("draw", "verify", "e.json", "--receipt", "0" * 16) == (
        1, told + "❌ 这里没有凭证 0000000000000000\n", "",
    )  # fmt: skip


def test_draw_verify_of_no_evidence(qunyun: Run) -> None:
    Path("e.json").write_bytes(b"\xff")
    assert qunyun("draw", "verify", "e.json") == (1, "❌ 文件不是 UTF-8 编码\n", "")


def test_judge_of_a_forged_file() -> None:
    fine, text = judge(b'{"format":"qunyun-evidence-2"}')
    assert (fine, text.split("\n")[:2]) == (
        False,
        ["❌ 文件完整可读", "   campaign 缺少或者格式不对"],
    )

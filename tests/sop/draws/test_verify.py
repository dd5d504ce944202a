"""The stand-alone verifier agrees with the program, and finds every change."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sop.draws.verify
from sop.draws.deck import DeckLine
from sop.draws.verify import CHECKS, read, receipts, report, verify
from tests.evidence_files import (
    CARDS,
    FORGED,
    HONEST,
    MEMBERS,
    SPOILT,
    Forgery,
    entrants,
    instant,
    relinked,
)


@pytest.mark.parametrize("name", HONEST)
def test_verify_honest_round(name: str) -> None:
    assert verify(HONEST[name]()) == []


def test_checks_are_those_of_the_page() -> None:
    page = (Path(__file__).parents[3] / "docs" / "fair-draw.md").read_text(encoding="utf-8")
    described = [line.split("**")[1] for line in page.splitlines() if line[1:5] == ". **"]
    assert described == list(CHECKS)


_lines = st.builds(
    DeckLine,
    st.sampled_from(["cash", "coupon", "gift", "points"]),
    st.text(max_size=5),
    st.integers(0, 1000),
    st.integers(0, 1000),
    st.integers(1, 30),
)
_cards = st.lists(_lines, min_size=1, max_size=5)
_members = st.lists(st.text("abc", min_size=1), unique=True, max_size=20)


@given(_cards, st.binary(min_size=32, max_size=32), _members)
def test_verify_any_honest_draws(cards: list[DeckLine], seed: bytes, members: list[str]) -> None:
    assert verify(instant(members, cards=cards, seed=seed)) == []


@given(_cards, st.binary(min_size=32, max_size=32), _members, st.from_regex("[0-9A-z ，]*[0-9]"))
def test_verify_any_honest_entrants(
    cards: list[DeckLine], seed: bytes, members: list[str], value: str
) -> None:
    assert verify(entrants(members, cards=cards, seed=seed, value=value)) == []


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_verify_forged_evidence(forged: Forgery) -> None:
    problems = verify(forged.value())
    assert tuple(dict.fromkeys(check for check, _ in problems)) == forged.fails
    assert all(text for _, text in problems)


@pytest.mark.parametrize(
    ("name", "problems"),
    [
        ("format", [("file", "这不是 qunyun-evidence-2 格式的证据文件")]),
        ("key missing", [("file", "seed 缺少或者格式不对")]),
        ("key added", [("file", "多出了不认识的 winner")]),
        ("entry key added", [("file", "日志第 0 条缺少内容或者格式不对")]),
        ("no card", [("file", "牌堆不在 1 到 1000000 张之间")]),
        ("amount with a fraction", [("file", "数字必须是整数，且不超过 2 的 53 次方")]),
        ("half a character", [("file", "文字里有残缺的字符")]),
        ("nested deeper than 32", [("file", "嵌套超过 32 层")]),
        ("rules changed", [("rules", "规则与规则哈希不符：规则被改动过")]),
        ("amended rules changed", [("rules", "日志第 1 条的新规则与它的哈希不符")]),
        (
            "round",
            [("commitment", "承诺值不符：种子、活动、场次、规则或牌堆与开奖前公布的不一致")],
        ),
        (
            "entry dropped",
            [("log", "日志第 1 条的编号却是 2")],
        ),
        ("entry changed", [("log", "日志第 1 条与它的前一条接不上：之前有记录被改动、删除或插入")]),
        ("last entry changed", [("log", "日志末尾的哈希不符：最后一条被改动或删除")]),
        ("no close", [("course", "日志的最后一条不是结束")]),
        ("decided twice", [("course", "名单开奖须依次为：冻结名单、公开值、开奖、结束")]),
        (
            "freeze in the mode instant",
            [("course", "即时抽奖的日志里只能有抽奖、规则变更和最后的结束")],
        ),
        (
            "entrants not sorted",
            [
                ("entrants", "参加名单没有排序，或有人重复"),
                ("entrants", "参加名单与冻结时公布的人数或哈希不符"),
            ],
        ),
        ("entrants of an instant draw", [("entrants", "没有冻结过名单，却有参加名单")]),
        (
            "prize changed, chain renewed",
            [
                (
                    "draws",
                    "位置 0 应为“红包 0.88 元”（现金 0.88 元），"
                    "记录却是“红包 0.88 元”（现金 8.88 元）",
                )
            ],
        ),
        (
            "card that is not there",
            [
                ("draws", "抽出的位置不是从 0 起逐张相连，有缺漏、重复或颠倒"),
                ("draws", "位置 10 超出牌堆（共 10 张）"),
            ],
        ),
        (
            "winners exchanged, chain renewed",
            [
                ("draws", "位置 0 的中奖者应为 665ff383ade2c004，记录却是 81a9a35326afa537"),
                ("draws", "位置 1 的中奖者应为 81a9a35326afa537，记录却是 665ff383ade2c004"),
            ],
        ),
        (
            "winner left out, chain renewed",
            [("draws", "应有 5 人中奖，记录却有 4 人")],
        ),
    ],
)
def test_verify_says_what_is_wrong(name: str, problems: list[tuple[str, str]]) -> None:
    assert verify(FORGED[name].value()) == problems


def test_verify_tells_all_problems_at_once() -> None:
    value = instant() | {"seed": "ee" * 32, "rules": {}, "head": "0" * 64}
    assert list(dict.fromkeys(check for check, _ in verify(value))) == [
        "rules", "commitment", "log", "draws",
    ]  # fmt: skip


def test_verify_tells_twenty_problems_of_a_check() -> None:
    value = instant([f"wm{number}" for number in range(50)], cards=[CARDS[0], *CARDS[1:] * 5])
    for entry in value["log"]:
        if entry["type"] == "draw":
            entry["prize"] = "别的"
    assert [check for check, _ in verify(relinked(value))] == ["draws"] * 20


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(_json)
def test_verify_anything_else_is_no_evidence(value: Any) -> None:
    assert verify(value) == [("file", "这不是 qunyun-evidence-2 格式的证据文件")]


@given(st.sampled_from([instant(), entrants()]), st.data())
def test_verify_never_raises(value: dict[str, Any], data: st.DataObject) -> None:
    path: list[Any] = [data.draw(st.sampled_from(sorted(value)))]
    while isinstance(inside := _at(value, path), dict | list) and inside:
        keys = sorted(inside) if isinstance(inside, dict) else range(len(inside))
        key = data.draw(st.none() | st.sampled_from(keys))
        if key is None:
            break
        path.append(key)
    changed: dict[str, Any] = json.loads(json.dumps(value))
    holder = _at(changed, path[:-1])
    holder[path[-1]] = data.draw(_json)
    same = json.dumps(holder[path[-1]]) == json.dumps(_at(value, path))
    assert (verify(changed) == []) is same


def _at(value: Any, path: list[Any]) -> Any:
    for key in path:
        value = value[key]
    return value


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("nothing", "这不是 JSON 文件"),
        ("no JSON", "这不是 JSON 文件"),
        ("no UTF-8", "文件不是 UTF-8 编码"),
        ("byte order mark", "这不是 JSON 文件"),
        ("very deep", "嵌套超过 32 层"),
    ],
)
def test_read_spoilt_file(name: str, text: str) -> None:
    with pytest.raises(ValueError) as caught:
        read(SPOILT[name])
    assert str(caught.value) == text


@pytest.mark.parametrize(
    "name", ["not a number", "integer as a fraction", "integer as a power", "a list", "null"]
)
def test_spoilt_file_is_no_evidence(name: str) -> None:
    assert [check for check, _ in verify(read(SPOILT[name]))] == ["file"]


def test_read_too_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sop.draws.verify, "MOST_BYTES", 1 << 20)
    with pytest.raises(ValueError) as caught:
        read(b" " * (1 << 20) + b"0")
    assert str(caught.value) == "文件超过 1 MB"


def test_verify_large_round_in_time() -> None:
    value = instant(
        [f"wm{number}" for number in range(20_000)], cards=[DeckLine("cash", "红包", 1, 0, 100_000)]
    )
    assert verify(value) == []


def test_receipts_of_a_member_by_code_and_by_receipt() -> None:
    value = instant(("wm01", "wm02", "wm01"))
    first, second, third = (one for one in value["log"] if one["type"] == "draw")
    assert first["code"] == third["code"]
    assert receipts(value, first["code"]) == [first, third]
    receipt = value["log"][3]["previous"]  # the hash of entry 2, the second draw
    assert receipts(value, receipt) == [second]
    assert receipts(value, "0" * 16) == []


HONEST_REPORT = """\
✅ 文件完整可读
✅ 规则没有被改动
✅ 承诺值对得上
✅ 日志一环扣一环
✅ 抽奖的先后合规
✅ 参加名单没有变
✅ 每张奖品都对得上
join-hook standing：共抽出 5 张，全部对得上。
承诺值 ac93e16d070a83c5975aee23bde235cb9c12eabc07cd70ee963271fc42322bb2
日志末尾 {head}
请把这两个值与群里开始、结束时的公告核对。
✅ 凭证 60eef4478457a767：第 1 张，“红包 0.88 元”（现金 0.88 元）"""


def test_report_of_honest_round() -> None:
    value = instant()
    text = report(value, verify(value), "60eef4478457a767")
    assert text == HONEST_REPORT.format(head=value["head"])


def test_report_without_this_receipt() -> None:
    value = instant()
    assert report(value, [], "0" * 16).splitlines()[-1] == "❌ 这里没有凭证 0000000000000000"


def test_report_of_forged_round() -> None:
    value = FORGED["rules changed"].value()
    assert report(value, verify(value)).splitlines()[:4] == [
        "✅ 文件完整可读",
        "❌ 规则没有被改动",
        "   规则与规则哈希不符：规则被改动过",
        "✅ 承诺值对得上",
    ]


def test_report_of_no_evidence() -> None:
    assert report([], verify([])).splitlines() == [
        "❌ 文件完整可读",
        "   这不是 qunyun-evidence-2 格式的证据文件",
        *(f"⏸ {title}" for title in list(CHECKS.values())[1:]),
        "证据有误，请向主办方询问。",
    ]


@pytest.mark.parametrize(
    ("content", "receipt", "code", "last"),
    [
        (json.dumps(instant()).encode(), [], 0, "请把这两个值与群里开始、结束时的公告核对。"),
        (json.dumps(instant()).encode(), ["0" * 16], 1, "❌ 这里没有凭证 0000000000000000"),
        (
            json.dumps(FORGED["head changed"].value()).encode(),
            [],
            1,
            "证据有误，请向主办方询问。",
        ),
        (b"{", [], 1, "❌ 这不是 JSON 文件"),
    ],
    ids=["honest", "foreign receipt", "forged", "spoilt"],
)
def test_verify_as_a_program_of_its_own(
    tmp_path: Path, content: bytes, receipt: list[str], code: int, last: str
) -> None:
    copy = tmp_path / "verify.py"
    copy.write_bytes(Path(str(sop.draws.verify.__file__)).read_bytes())
    (tmp_path / "evidence.json").write_bytes(content)
    done = subprocess.run(
        [sys.executable, "-I", str(copy), "evidence.json", *receipt],
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=False,
        env={"PYTHONUTF8": "1"},
    )
    assert (done.returncode, done.stdout.splitlines()[-1], done.stderr) == (code, last, "")


def test_members_are_told_apart() -> None:
    value = instant()
    codes = [one["code"] for one in value["log"] if one["type"] == "draw"]
    assert len(set(codes)) == len(MEMBERS)
    assert not any(member in json.dumps(value) for member in MEMBERS)

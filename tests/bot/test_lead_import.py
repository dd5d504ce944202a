"""Lists of leads as colleagues send them: formats of numbers, encodings, every bad cell named."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from openpyxl import Workbook

from bot.lead_import import Around, Faulty, LeadLine, LeadList, benefit_of, read_leads, summary
from bot.lead_values import UnclearCell, masked, phone
from bot.sheets import Cell
from sop.channel import Channel
from sop.community import Community, DeliveryMode, Role, Staff

ZONE = ZoneInfo("Asia/Shanghai")
COMMUNITIES = [
    Community("c1", "一群", "wr1", "li", DeliveryMode.ASSIST, frozenset({"x"}), ZONE),
    Community("c2", "二群", "wr2", "chen", DeliveryMode.ASSIST, frozenset({"x"}), ZONE),
    Community("c3", "别的群", "wr3", "zhou", DeliveryMode.ASSIST, frozenset(), ZONE),
]
STAFF = {
    one.id: one
    for one in (
        Staff("li", "李静", frozenset({Role.RM}), frozenset({"c1"})),
        Staff("chen", "陈明", frozenset({Role.RM}), frozenset({"c2"})),
        Staff("zhou", "周周", frozenset({Role.RM}), frozenset({"c3"})),
        Staff("zhou2", "周周", frozenset({Role.RM}), frozenset()),
        Staff("wang", "王强", frozenset({Role.MANAGER}), frozenset()),
    )
}
CHANNEL = Channel.model_validate(
    {
        "channel": "call",
        "title": "外呼",
        "applies_to": {"labels": ["x"]},
        "leads": {
            "verification": "我是{{ owner }}，给您留了{{ benefit }}",
            "benefits": [{"name": "gift", "text": "礼品"}, {"name": "adviser", "text": "顾问"}],
        },
    }
)
AROUND = Around(CHANNEL, COMMUNITIES, STAFF, blind=lambda number: f"hash-{number}")
Read = Callable[..., LeadList]


@pytest.fixture
def table(tmp_path: Path) -> Callable[[Sequence[Sequence[Any]]], Path]:
    def write(rows: Sequence[Sequence[Any]]) -> Path:
        book = Workbook()
        sheet = book.active
        assert sheet is not None
        sheet.title = "名单"
        for row in rows:
            sheet.append(list(row))
        path = tmp_path / "线索.xlsx"
        book.save(path)
        return path

    return write


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("13812345678", "13812345678"),
        ("+86 138-1234-5678", "13812345678"),
        ("０１３８", None),
        ("１３８１２３４５６７８", "13812345678"),
        ("0086 13812345678", "13812345678"),
        ("8613812345678", "13812345678"),
        ("（021）6123 4567", "02161234567"),
        ("021—61234567", "02161234567"),
        ("0755.8123456", "07558123456"),
        ("+86 21 61234567", "02161234567"),
    ],
)
def test_number_is_read_however_it_is_written(written: str, number: str | None) -> None:
    def read() -> str | None:
        try:
            return phone(Cell(1, 1, written))
        except UnclearCell:
            return None

    assert read() == number


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("", "没有写手机号。请补上，或删掉整行。"),
        ("1381234567", "手机号要 11 位，这里有 10 位。"),
        ("138123456789", "手机号要 11 位，这里有 12 位。"),
        ("12812345678", "没有 12 开头的手机号，请核对。"),
        ("61234567", "座机前面要写区号，例如 021-61234567。"),
        ("138l2345678", "“138l2345678”不是电话号码：里面有“l”。"),
        ("13812345678/13912345678", "一格只能写一个号码，请只留最常用的那个。"),
        (
            "1.38E+10",
            "号码被 Excel 改成了科学计数。请把这一列的格式设为“文本”，再重新输入。",
        ),
        (
            "987654",
            "看不懂这个号码。手机号写 11 位，座机写区号和号码，例如 021-61234567。",
        ),
    ],
)
def test_number_that_is_none_says_why(written: str, said: str) -> None:
    with pytest.raises(UnclearCell) as error:
        phone(Cell(7, 2, written))
    assert (error.value.text, error.value.cell.reference) == (said, "B7")


def test_number_is_shown_masked() -> None:
    assert [masked("13812345678"), masked("02161234567")] == ["138****5678", "021****4567"]


def test_list_is_read_and_shared_out(table: Any) -> None:
    path = table(
        [
            ["四月外呼名单"],
            ["姓名（必填）", "手 机 号*", "优先级", "客户经理", "社群", "备注"],
            ["王女士", 13812345678, "高", "", "", "喜欢下午"],
            ["张先生", "138 1234 5679", "", "陈明", "", ""],
            ["赵老师", "021-61234567", 3, "", "二群", ""],
            [None, None, None, None, None, None],
            ["钱女士", "13812345670", "中", "", "", ""],
            ["孙女士", "13812345671", "2", "li", "c2", ""],
        ]
    )
    found = read_leads(path, AROUND)

    def line(row: int, name: str, number: str, priority: int, staff: str, place: str, note: str):
        offer = benefit_of(CHANNEL, f"hash-{number}")
        assert offer is not None
        more = (note, offer.name, offer.text)
        return LeadLine(row, name, number, priority, staff, place, *more)

    assert found.lines == [
        line(3, "王女士", "13812345678", 1, "li", "", "喜欢下午"),
        line(4, "张先生", "13812345679", 2, "chen", "", ""),
        line(5, "赵老师", "02161234567", 3, "chen", "c2", ""),
        line(7, "钱女士", "13812345670", 2, "chen", "", ""),
        line(8, "孙女士", "13812345671", 2, "li", "c2", ""),
    ]
    assert found.notes == ["有 1 个座机：打得通，加不了微信。"]
    assert summary(found.lines, STAFF)[:2] == [
        "一共 5 位：优先级 1 有 1 位，优先级 2 有 3 位，优先级 3 有 1 位",
        "分给：陈明 3 位，李静 2 位",
    ]


def test_every_bad_cell_is_named_at_once(table: Any) -> None:
    path = table(
        [
            ["姓名", "手机", "优先级", "客户经理", "社群", "备注"],
            ["", "1381234567", "最高", "赵六", "五群", "长" * 101],
            ["好", "13812345678", "", "周周", "", ""],
            ["好", "+8613812345678", "", "王强", "", ""],
            ["长" * 21, 1.5, "", "", "", ""],
        ]
    )
    with pytest.raises(Faulty) as error:
        read_leads(path, AROUND)
    assert sorted(error.value.faults) == sorted(
        [
            "线索.xlsx 的 名单!A2：没有写姓名。请写怎么称呼，例如 王女士。",
            "线索.xlsx 的 名单!B2：手机号要 11 位，这里有 10 位。",
            "线索.xlsx 的 名单!C2：看不懂优先级“最高”，请写 1、2、3，或高、中、低。",
            "线索.xlsx 的 名单!D2：同事里没有“赵六”，请写姓名或 userid。",
            "线索.xlsx 的 名单!E2：没有叫“五群”的社群，请写社群的名称或编号。",
            "线索.xlsx 的 名单!F2：备注最长 100 个字，这里有 101 个。",
            "线索.xlsx 的 名单!D3：叫“周周”的同事不止一位（zhou、zhou2），请写 userid。",
            "线索.xlsx 的 名单!B4：和 线索.xlsx 的 名单!B3 是同一个号码。请只留一行。",
            "线索.xlsx 的 名单!D4：“王强”不是客户经理，不能跟线索。",
            "线索.xlsx 的 名单!A5：姓名最长 20 个字，这里有 21 个。",
            "线索.xlsx 的 名单!B5：手机号要 11 位，这里有 2 位。",
        ]
    )


HEAD, ONE, TWO = "姓名,手机号\r\n", "王女士,13812345678\r\n", "张先生,13812345679\r\n"


@pytest.mark.parametrize(
    "data",
    [
        (HEAD + ONE + TWO).encode(),
        (HEAD + ONE + TWO).encode("utf-8-sig"),
        (HEAD + ONE + TWO).encode("gb18030"),
        (HEAD + ONE + TWO).encode("utf-16"),
        HEAD.encode("gb18030") + ONE.encode() + TWO.encode("gb18030"),
        HEAD.encode() + ONE.encode("gb18030") + TWO.encode(),
    ],
    ids=["utf-8", "utf-8-sig", "gb18030", "utf-16", "mixed", "mixed the other way"],
)
def test_csv_is_read_in_whatever_encoding(data: bytes, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_bytes(data)
    found = read_leads(path, AROUND)
    assert [(one.line, one.name, one.phone) for one in found.lines] == [
        (2, "王女士", "13812345678"),
        (3, "张先生", "13812345679"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "甲,乙\n",
            "名单.csv：没有找到表头。要有一行写着“姓名”和“手机号”，"
            "还可以有优先级、客户经理、社群、备注。",
        ),
        (HEAD, "名单.csv：表头下面没有客户。"),
    ],
)
def test_file_without_leads_says_so(text: str, said: str, tmp_path: Path) -> None:
    path = tmp_path / "名单.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(Faulty) as error:
        read_leads(path, AROUND)
    assert error.value.faults == [said]


def test_benefit_is_the_numbers_for_ever_and_shared_out_evenly() -> None:
    names = [benefit_of(CHANNEL, f"hash-{n}") for n in range(1000)]
    again = [benefit_of(CHANNEL, f"hash-{n}") for n in range(1000)]
    gifts = sum(one is not None and one.name == "gift" for one in names)
    assert names == again
    assert 450 <= gifts <= 550

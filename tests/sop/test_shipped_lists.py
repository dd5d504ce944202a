"""The shipped content lists: every item can be sent as it stands."""

import re

import pytest

from sop.loader import SHIPPED, load
from sop.prepared import RISK_NOTICE
from sop.scripts import Item
from sop.templates import SAMPLE, faults, render

LISTS = load([SHIPPED / "lists"])[0].lists
ITEMS = [
    pytest.param(item, id=f"{one.name}/{item.id}") for one in LISTS.values() for item in one.items
]


def test_lists_load_without_a_problem() -> None:
    assert load([SHIPPED / "lists"])[1] == []


def test_list_sizes() -> None:
    assert {name: (LISTS[name].title, len(LISTS[name].items)) for name in sorted(LISTS)} == {
        "daily-lessons": ("每日理财小课", 42),
        "fraud-alerts": ("防骗提醒", 22),
        "healthy-money": ("银发课堂", 15),
        "topics": ("群话题", 22),
    }


def test_no_text_is_there_twice() -> None:
    texts = [item.text for one in LISTS.values() for item in one.items]
    assert len(set(texts)) == 101


def test_lessons_are_short_and_end_with_something_to_do() -> None:
    lengths = {item.id: len(item.text) for item in LISTS["daily-lessons"].items}
    assert [one for one, length in lengths.items() if not 80 <= length <= 220] == []
    last = [item.text.rstrip().split("\n")[-1] for item in LISTS["daily-lessons"].items]
    assert [line for line in last if not line.startswith(("> 小问题：", "> 小行动："))] == []


@pytest.mark.parametrize("item", ITEMS)
def test_item_can_be_sent(item: Item) -> None:
    assert faults(item.text) == []
    sent = render(item.text, SAMPLE)
    whole = f"{sent}\n\n{RISK_NOTICE}" if item.risk_notice else sent
    assert len(whole.encode()) <= 2048


@pytest.mark.parametrize("item", ITEMS)
def test_item_reads_well(item: Item) -> None:
    assert re.fullmatch("[a-z0-9-]{3,30}", item.id)
    lines = item.text.rstrip("\n").split("\n")
    assert re.fullmatch(r"\*\*.+\*\*", lines[0])
    assert 60 <= len(render(item.text, SAMPLE)) <= 240
    assert lines[-1].startswith("> ")
    assert [line for line in lines if line != line.rstrip()] == []
    slips = re.findall("[\u4e00-\u9fff][,;:?!]|[\"']|[。，；：]{2}|https?:", item.text)
    assert slips == []

"""The words that lead to the member page, by what a community can hear and has."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

import pytest

from sop.community import Community, DeliveryMode
from sop.member_page import how, please, reachable, way_in
from sop.ports import Facts

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
HEARD = Community(
    "first", "一群", "wr1", "li", DeliveryMode.ROBOT, frozenset(), ZoneInfo("Asia/Shanghai"), "群运"
)
UNHEARD = replace(HEARD, mode=DeliveryMode.ASSIST, heard_as="")


class Linking:
    """Facts of an installation with a page."""

    def page_link(self, community: str, now: datetime) -> str:
        return f"https://bank.example/m/{community}"


FACTS = cast(Facts, Linking())


@pytest.mark.parametrize(
    ("community", "open_to_members", "line"),
    [
        (HEARD, True, ""),
        (UNHEARD, False, ""),
        (
            replace(HEARD, page=True),
            True,
            "👉 [点开成员网页](https://bank.example/m/first)",
        ),
        (replace(UNHEARD, page=True), True, "👉 点开成员网页：https://bank.example/m/first"),
    ],
)
def test_way_in_is_shown_where_there_is_a_page(
    community: Community, open_to_members: bool, line: str
) -> None:
    assert (reachable(community), way_in(FACTS, community, NOW)) == (open_to_members, line)


@pytest.mark.parametrize(
    ("community", "said", "asked"),
    [
        (HEARD, "发“@群运 我的奖品”", "请发“@群运 我的奖品”"),
        (UNHEARD, "在成员网页里点“我的奖品”", "请在成员网页里写“我的奖品”"),
    ],
)
def test_how_something_is_said(community: Community, said: str, asked: str) -> None:
    assert (how(community, "我的奖品"), please(community, "我的奖品")) == (said, asked)

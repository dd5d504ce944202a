"""What opening links means, with the reason."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta

import pytest

from sop.intent import Intent, intent
from sop.links_ports import ClickFacts, Ignored

NOW = datetime(2026, 11, 30, 4, tzinfo=UTC)


class Opened:
    """The clicks and ignored links of one member."""

    def __init__(self, clicks: Sequence[ClickFacts] = (), ignored: Sequence[Ignored] = ()) -> None:
        self._clicks, self._ignored = clicks, ignored

    def token(self, community: str, occurrence: str, name: str, member: str = "") -> str:
        return ""

    def address(
        self, community: str, occurrence: str, name: str, url: str, member: str = ""
    ) -> str:
        return url

    def clicks(self, community: str, member: str, since: datetime) -> Sequence[ClickFacts]:
        assert since == NOW - timedelta(days=7)
        return self._clicks

    def ignored(self, community: str, member: str, now: datetime) -> Sequence[Ignored]:
        return self._ignored


def click(link: str, name: str, day: int, level: str = "") -> ClickFacts:
    return ClickFacts(
        link, name, level, datetime(2026, 11, day, 4, tzinfo=UTC), date(2026, 11, day)
    )


COLD = (Ignored("清单", NOW - timedelta(days=4)), Ignored("课程", NOW - timedelta(days=3)))


@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        (Opened(), None),
        (
            Opened([click("t1", "清单", 25, "high")], COLD),
            Intent("high", "7 天内点开“清单”，其中“清单”是高意向链接"),
        ),
        (
            Opened([click("t1", "清单", 25), click("t2", "课程", 25)]),
            Intent("high", "7 天内点开“清单”、“课程”，共 2 个链接、1 天（至少 2 个或 2 天）"),
        ),
        (
            Opened([click("t1", "清单", 25), click("t1", "清单", 26)]),
            Intent("high", "7 天内点开“清单”，共 1 个链接、2 天（至少 2 个或 2 天）"),
        ),
        (
            Opened([click("t1", "清单", 25), click("t1", "清单", 25)], COLD),
            Intent("medium", "7 天内点开“清单”，只有一个链接、一天"),
        ),
        (Opened((), COLD), Intent("low", "4 天前收到链接“清单”，到现在没有点开")),
    ],
)
def test_intent_of_a_member(facts: Opened, expected: Intent | None) -> None:
    assert intent(facts, "c1", "wm1", NOW) == expected

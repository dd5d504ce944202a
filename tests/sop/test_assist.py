"""When an RM is reminded, when it is late, and what people are told."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop import assist
from sop.assist_ports import AssistTask
from sop.community import Community, DeliveryMode, Role, Staff

ZONE = ZoneInfo("Asia/Shanghai")
NINE = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
"""09:00 in Shanghai."""
PLACE = Community("one", "一群", "wr1", "li", DeliveryMode.ASSIST, frozenset(), ZONE)
LI = Staff("li", "李静", frozenset({Role.RM}), frozenset({"one"}))


def after(minutes: float) -> datetime:
    return NINE + timedelta(minutes=minutes)


def task(**more: object) -> AssistTask:
    """Asked at 09:00, on time until 09:30, withdrawn at 11:00."""
    known = AssistTask(
        occurrence="week/brief/2026-11-23/one",
        community="one",
        owner="li",
        title="早报",
        way="task",
        single=False,
        status="open",
        due_at=NINE,
        window_ends_at=after(30),
        ends_at=after(120),
        asked_at=NINE,
        reminded_at=None,
        reminders=0,
        sent_at=None,
        on_time=None,
        skipped_reason="",
        escalated_at=None,
        again_at=None,
    )
    return replace(known, **more)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ({}, [15, 25, 30]),
        ({"ends_at": after(30)}, [15, 25]),
        ({"window_ends_at": after(120)}, [60, 100]),
        ({"window_ends_at": after(6), "ends_at": after(6)}, [3]),
        ({"window_ends_at": after(5), "ends_at": after(5)}, [4]),
        ({"window_ends_at": after(2), "ends_at": after(3)}, []),
        ({"asked_at": after(40)}, [80, 106]),
        ({"asked_at": None}, []),
    ],
)
def test_reminders(more: dict[str, object], minutes: list[int]) -> None:
    assert assist.reminders(task(**more)) == [after(one) for one in minutes]


@given(st.integers(0, 2000), st.integers(0, 2000), st.integers(0, 4000))
def test_never_more_reminders_than_wecom_gives(asked: int, window: int, more: int) -> None:
    one = task(asked_at=after(asked), window_ends_at=after(window), ends_at=after(window + more))
    found = assist.reminders(one)
    gaps = [b - a for a, b in zip([one.asked_at, *found], found, strict=False) if a is not None]
    assert len(found) <= assist.MOST_REMINDERS
    assert all(gap >= assist.SHORTEST_GAP for gap in gaps)
    assert all(at <= one.ends_at for at in found)


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ({}, 15),
        ({"reminded_at": after(15)}, 25),
        ({"reminded_at": after(26)}, 30),
        ({"reminded_at": after(31)}, None),
        ({"status": "sent"}, None),
        ({"asked_at": None, "status": "waiting"}, None),
    ],
)
def test_next_reminder(more: dict[str, object], minutes: int | None) -> None:
    expected = None if minutes is None else after(minutes)
    assert assist.next_reminder(task(**more)) == expected


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ({}, 30),
        ({"window_ends_at": after(31)}, 45),
        ({"window_ends_at": after(45.5)}, 60),
        ({"asked_at": after(40)}, 120),
        ({"status": "expired"}, 30),
        ({"status": "sent"}, None),
        ({"escalated_at": after(30)}, None),
        ({"asked_at": None}, None),
    ],
)
def test_managers_hear_at_full_quarters(more: dict[str, object], minutes: int | None) -> None:
    expected = None if minutes is None else after(minutes)
    assert assist.escalates_at(task(**more)) == expected


@pytest.mark.parametrize(
    ("more", "minutes"),
    [
        ({}, 15),
        ({"reminded_at": after(30)}, 30),
        ({"reminded_at": after(30), "escalated_at": after(30)}, 120),
        ({"status": "expired"}, 30),
        ({"status": "expired", "escalated_at": after(30)}, None),
        ({"status": "cancelled", "again_at": after(60)}, 60),
        ({"status": "skipped"}, None),
    ],
)
def test_next_look(more: dict[str, object], minutes: int | None) -> None:
    expected = None if minutes is None else after(minutes)
    assert assist.next_look(task(**more)) == expected


@pytest.mark.parametrize(
    ("more", "text"),
    [
        ({"status": "waiting"}, "⏳ 正在建群发任务"),
        ({}, "📨 已放进群发助手 09:00，待确认"),
        ({"way": "card"}, "📨 已交给客户经理 09:00，待确认"),
        (
            {"reminders": 2, "escalated_at": after(30)},
            "📨 已放进群发助手 09:00，待确认，已提醒 2 次，已告知主管",
        ),
        ({"status": "sent", "sent_at": after(10), "on_time": True}, "✅ 已发 09:10"),
        (
            {
                "status": "sent",
                "sent_at": after(50),
                "on_time": False,
                "escalated_at": after(30),
            },
            "🕒 迟发 09:50，已告知主管",
        ),
        ({"status": "capped"}, "🚫 已到接收上限，没有送达"),
        ({"status": "skipped", "skipped_reason": "系统维护"}, "⏭ 已跳过：系统维护"),
        ({"status": "cancelled", "again_at": after(90)}, "⏳ 已推迟到 10:30"),
        ({"status": "expired", "escalated_at": after(30)}, "⌛ 到时间没有确认，已告知主管"),
        ({"status": "failed"}, "⚠️ 没有交给客户经理"),
    ],
)
def test_state(more: dict[str, object], text: str) -> None:
    assert assist.state(task(**more), ZONE) == text


def test_asked_too_late_is_asked_to_hurry() -> None:
    one = task(asked_at=after(40), ends_at=after(45))
    assert assist.asked(one, PLACE, after(50)) == (
        "“一群”09:00 的“早报”已放进企业微信的“客户联系 → 群发助手”，请尽快打开它，点“确认发送”。"
    )


@pytest.mark.parametrize(
    ("more", "text"),
    [
        (
            {"asked_at": None},
            "⌛ “一群”09:00 的“早报”到 11:00 没有建成群发任务，不再发送。\n> 仍要发送：发送 brief",
        ),
        (
            {"way": "card"},
            "⌛ “一群”09:00 的“早报”到 11:00 没有确认。\n> 其实已经发了：点卡片上的“已发”",
        ),
    ],
)
def test_expired(more: dict[str, object], text: str) -> None:
    assert assist.expired(task(**more), PLACE, "brief") == text


@pytest.mark.parametrize(
    ("strangers", "over", "text"),
    [
        (0, 0, ""),
        (2, 0, "“一群”的“早报”：7 位收到，2 位不是您的好友。"),
        (0, 1, "“一群”的“早报”：7 位收到，1 位到了接收上限。"),
    ],
)
def test_shortfall(strangers: int, over: int, text: str) -> None:
    assert assist.shortfall(task(), PLACE, 7, strangers, over) == text


def test_private_messages_capped_for_everybody() -> None:
    assert assist.capped(task(single=True), PLACE) == (
        "🚫 “一群”09:00 的“早报”没有送达：这些客户收到的企业群发到了企业微信的上限（每月的天数）。"
    )


def test_owner_unknown_to_configuration_is_named_by_id() -> None:
    tasks = [task(), task(owner="gone")]
    assert assist.escalation(tasks, {"one": PLACE}, {"li": LI}) == (
        "⚠️ **有 2 条到时间还没有确认发送**\n"
        "李静　一群　09:00“早报”（应在 09:30 前确认）\n"
        "gone　一群　09:00“早报”（应在 09:30 前确认）"
    )

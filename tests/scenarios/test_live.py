"""/live, /ready and /metrics of the running bot."""

import asyncio
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest


async def _get(stage: Any, path: str) -> tuple[int, str]:
    async with aiohttp.ClientSession() as session, session.get(stage.bot_url(path)) as answer:
        return answer.status, await answer.text()


async def test_live_says_so_before_anything_was_done(stage: Any) -> None:
    assert await _get(stage, "/live") == (200, '{"live": true}')


async def test_ready_only_after_the_calendar_has_ticked(stage: Any) -> None:
    assert await _get(stage, "/ready") == (
        503,
        '{"ready": false, "problems": ["日程超过 1 分钟没有走动"]}',
    )
    await stage.settle()
    assert await _get(stage, "/ready") == (200, '{"ready": true, "problems": []}')


async def test_ready_names_letters_that_wait_too_long(stage: Any) -> None:
    await stage.settle()
    stage.sandbox.faults.set("send_busy", 1)
    await stage.join("新来的小王")
    await stage.restart(away="11m")
    await stage.show.app.calendar.tick()
    assert await _get(stage, "/ready") == (
        503,
        '{"ready": false, "problems": '
        '["发件箱里有消息超过 10 分钟没有发出，请看 qunyun outbox list"]}',
    )
    await stage.settle()
    assert await _get(stage, "/ready") == (200, '{"ready": true, "problems": []}')


async def test_metrics_count_letters_and_backlog(
    stage: Any, run_loops: Callable[[Any], Any], soon: Callable[..., Any]
) -> None:
    await stage.settle()
    async with run_loops(stage):
        while 'status="sent"' not in (shown := await _get(stage, "/metrics"))[1]:
            await asyncio.sleep(0)
    assert shown == (
        200,
        "# HELP qunyun_outbox_letters Owed letters by status\n"
        "# TYPE qunyun_outbox_letters gauge\n"
        'qunyun_outbox_letters{status="sent"} 6.0\n'
        "# HELP qunyun_inbox_events Events not yet handled\n"
        "# TYPE qunyun_inbox_events gauge\n"
        "qunyun_inbox_events 0.0\n"
        "# HELP qunyun_repairs_total Differences from WeCom that a reading mended, by kind:"
        " callbacks were lost\n"
        "# TYPE qunyun_repairs_total counter\n"
        "# HELP qunyun_link_clicks_total Opened links by outcome\n"
        "# TYPE qunyun_link_clicks_total counter\n",
    )


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/wecom/app/1000002", "<xml><Encrypt>AAAA</Encrypt></xml>"),
        ("/wecom/aibot/aibdemo", '{"encrypt": "AAAA"}'),
    ],
)
async def test_unsigned_callbacks_are_refused(stage: Any, path: str, body: str) -> None:
    assert (await _get(stage, path))[0] == 403
    url = stage.bot_url(path)
    async with aiohttp.ClientSession() as session, session.post(url, data=body) as answer:
        assert answer.status == 403
    assert await stage.rows("SELECT COUNT(*) FROM inbox") == [(0,)]

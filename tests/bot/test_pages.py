"""The bot's own server over real HTTP: alive, ready, metrics, and bodies that are too large."""

import asyncio
from collections.abc import AsyncIterator, Sequence

import aiohttp
import pytest
from aiohttp import web

from bot.pages.server import Server


class Wrong:
    """What is wrong right now, or what asking raises."""

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.error: Exception | None = None

    async def __call__(self) -> Sequence[str]:
        if self.error is not None:
            raise self.error
        return self.problems


@pytest.fixture
def wrong() -> Wrong:
    return Wrong()


@pytest.fixture
async def url(wrong: Wrong) -> AsyncIterator[str]:
    async def echo(request: web.Request) -> web.Response:
        return web.Response(text=str(len(await request.read())))

    routes = [web.post("/wecom/app/1", echo)]
    server = Server(routes, wrong, lambda: b"qunyun_inbox_events 0.0\n", "127.0.0.1", 0)
    await server.start()
    yield f"http://127.0.0.1:{server.port}"
    await server.close()


async def get(url: str) -> tuple[int, object]:
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        return answer.status, await answer.json()


async def test_live_says_only_that_the_loop_runs(url: str, wrong: Wrong) -> None:
    wrong.problems = ["什么都不对"]
    assert await get(f"{url}/live") == (200, {"live": True})


@pytest.mark.parametrize(
    ("problems", "status"), [([], 200), (["日程超过 1 分钟没有走动", "长连接没有连上"], 503)]
)
async def test_ready_names_what_is_wrong(
    url: str, wrong: Wrong, problems: list[str], status: int
) -> None:
    wrong.problems = problems
    assert await get(f"{url}/ready") == (status, {"ready": not problems, "problems": problems})


async def test_ready_without_an_answer_of_the_database(url: str, wrong: Wrong) -> None:
    wrong.error = TimeoutError()
    assert await get(f"{url}/ready") == (
        503,
        {"ready": False, "problems": ["数据库 3 秒内没有应答"]},
    )


async def test_ready_with_a_broken_database_is_told_not_raised(url: str, wrong: Wrong) -> None:
    """Regression: it answered 500 with nothing to read."""
    wrong.error = OSError("disk gone")
    assert await get(f"{url}/ready") == (
        503,
        {"ready": False, "problems": ["数据库不能读（OSError），详情见日志"]},
    )


async def test_metrics_are_plain_text(url: str) -> None:
    async with aiohttp.ClientSession() as session, session.get(f"{url}/metrics") as answer:
        assert (answer.status, answer.content_type, await answer.text()) == (
            200,
            "text/plain",
            "qunyun_inbox_events 0.0\n",
        )


@pytest.mark.parametrize(("size", "status"), [(64 * 1024, 200), (64 * 1024 + 1, 413)])
async def test_bodies_are_bounded(url: str, size: int, status: int) -> None:
    async with (
        aiohttp.ClientSession() as session,
        session.post(f"{url}/wecom/app/1", data=b"x" * size) as answer,
    ):
        assert answer.status == status


async def test_many_ask_at_once(url: str) -> None:
    answers = await asyncio.gather(*(get(f"{url}/ready") for _ in range(20)))
    assert answers == [(200, {"ready": True, "problems": []})] * 20

"""A sandbox whose clock stands still, and wechatpy's client, which knows nothing of us."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

import pytest
from wechatpy.exceptions import WeChatClientException
from wechatpy.work import WeChatClient

from bot.sandbox.seed import (
    AibotSeed,
    AppSeed,
    CorpSeed,
    CustomerSeed,
    GroupSeed,
    Seed,
    StaffSeed,
    TagGroupSeed,
)
from bot.sandbox.server import Sandbox
from tests.conformance.rows import Difference, Play, Row, StandingClock, filled


@pytest.fixture
def clock() -> StandingClock:
    return StandingClock()


@pytest.fixture
async def sandbox(clock: StandingClock) -> AsyncIterator[Sandbox]:
    seed = Seed(
        corp=CorpSeed("ww1", "示例银行"),
        app=AppSeed(agent_id=1000002, secret="s", token="t", aes_key="k" * 43),
        aibot=AibotSeed(id="aib1", secret="bot"),
        staff=(StaffSeed("zhouwen", "周文"), StaffSeed("chenmin", "陈敏")),
        customers=(
            CustomerSeed("wm01", "李建国", ("zhouwen",)),
            CustomerSeed("wm02", "王芳", ("zhouwen",)),
            CustomerSeed("wm03", "赵雪梅"),
        ),
        groups=(
            GroupSeed("wrA", "财富一群", "zhouwen", members=("wm01", "wm02"), note="欢迎"),
            GroupSeed("wrB", "财富二群", "chenmin", members=("wm03",)),
            GroupSeed("wrIn", "内部群", "chenmin", kind="internal"),
        ),
        tag_groups=(TagGroupSeed("等级", ("金卡",)),),
    )
    double = Sandbox(clock, seed)
    await double.start()
    yield double
    await double.close()


@pytest.fixture
def play(sandbox: Sandbox) -> Iterator[Play]:
    """Makes the calls of a table in their order; the answers that are not the reference's."""
    base = sandbox.url + "/cgi-bin/"

    class LocalClient(WeChatClient):  # type: ignore[misc]
        API_BASE_URL = base

        def fetch_access_token(self) -> Any:
            params = {"corpid": self.corp_id, "corpsecret": self.secret}
            return self._fetch_access_token(base + "gettoken", params)

    client = LocalClient("ww1", "s")
    ids: dict[str, str] = {"url": sandbox.url}

    def call(row: Row) -> Any:
        method: Any = client
        for part in row.method.split("."):
            method = getattr(method, part)
        given = filled(row.given, ids)
        try:
            answer = method(**given) if isinstance(given, dict) else method(*given)
        except WeChatClientException as error:
            return error.errcode
        for name, path in row.names.items():
            found = answer
            for step in path:
                found = found[step]
            ids[name] = found
        return answer

    def run(rows: Sequence[Row]) -> list[Difference]:
        answers = [(row.method, call(row), filled(row.answer, ids)) for row in rows]
        return [one for one in answers if one[1] != one[2]]

    async def in_thread(rows: Sequence[Row]) -> list[Difference]:
        return await asyncio.to_thread(run, rows)

    yield in_thread
    client._http.close()

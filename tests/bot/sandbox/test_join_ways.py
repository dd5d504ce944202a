"""Ways into customer groups: the calls (reference D.5), the page behind the code, the control
interface."""

import json
from typing import Any

import aiohttp
import pytest

ADD = "externalcontact/groupchat/add_join_way"
GET = "externalcontact/groupchat/get_join_way"
UPDATE = "externalcontact/groupchat/update_join_way"
DELETE = "externalcontact/groupchat/del_join_way"
GROUP = "wrOneGroup"


def way(**more: Any) -> dict[str, Any]:
    return {"scene": 2, "chat_id_list": [GROUP], "state": "i1", **more}


async def test_way_is_made_read_overwritten_and_deleted(api: Any, sandbox: Any) -> None:
    made = await api.cgi(ADD, way(remark="邀请", auto_create_room=0))
    config_id = made["config_id"]
    read = await api.cgi(GET, {"config_id": config_id})
    assert read["join_way"] == {
        "config_id": config_id,
        "scene": 2,
        "remark": "邀请",
        "auto_create_room": 0,
        "chat_id_list": [GROUP],
        "qr_code": f"{sandbox.url}/connect/join/{config_id}",
        "state": "i1",
    }
    assert await api.code(UPDATE, way(config_id=config_id, state="i2")) == 0
    changed = (await api.cgi(GET, {"config_id": config_id}))["join_way"]
    assert (changed["state"], changed["remark"], changed["auto_create_room"]) == ("i2", "", 1)
    assert await api.code(DELETE, {"config_id": config_id}) == 0
    assert await api.code(GET, {"config_id": config_id}) == 41044


@pytest.mark.parametrize(
    ("path", "body", "errcode"),
    [
        (ADD, way(scene=3), 41040),
        (ADD, way(chat_id_list=[]), 41091),
        (ADD, way(chat_id_list=[GROUP] * 6), 41091),
        (ADD, way(chat_id_list=["wrNone"]), 40050),
        (ADD, way(state="长" * 31), 40058),
        (GET, {}, 41043),
        (GET, {"config_id": "none"}, 41044),
        (UPDATE, {"config_id": "none"}, 41044),
        (DELETE, {"config_id": "none"}, 41044),
    ],
)
async def test_way_refused(api: Any, path: str, body: dict[str, Any], errcode: int) -> None:
    assert await api.code(path, body) == errcode


async def test_state_comes_back_with_who_joined_by_it(api: Any, sandbox: Any, clock: Any) -> None:
    config_id = (await api.cgi(ADD, way()))["config_id"]
    async with aiohttp.ClientSession() as session:
        body = {"way": config_id, "name": "许晴"}
        async with session.post(f"{sandbox.url}/sandbox/join", json=body) as response:
            member = (await response.json())["member"]
        async with session.post(
            f"{sandbox.url}/sandbox/join", json={"way": "gone", "name": "许晴"}
        ) as response:
            assert (response.status, await response.json()) == (
                409,
                {"error": "这个入群二维码已经失效。"},
            )
    clock.tick(seconds=3)
    chat = await api.cgi("externalcontact/groupchat/get", {"chat_id": GROUP, "need_name": 1})
    states = {one["userid"]: one.get("state") for one in chat["group_chat"]["member_list"]}
    assert {one: state for one, state in states.items() if state} == {member: "i1"}


async def test_page_behind_the_code_lets_somebody_in(api: Any, sandbox: Any) -> None:
    config_id = (await api.cgi(ADD, way()))["config_id"]
    url = f"{sandbox.url}/connect/join/{config_id}"
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            page = await response.text()
            assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
        async with session.post(url, data={"name": "<b>许晴</b>"}) as response:
            done = await response.text()
        foreign = {"Origin": "https://example.com"}
        async with session.post(url, data={"name": "坏人"}, headers=foreign) as response:
            refused = response.status
        async with session.post(url, data={"member": "wm01"}) as response:
            twice = response.status
        async with session.get(f"{sandbox.url}/connect/join/none") as response:
            gone = response.status
    assert '<input name="name"' in page
    assert "&lt;b&gt;许晴&lt;/b&gt; 已经进了" in done
    assert (refused, twice, gone) == (403, 409, 404)
    names = [one.person.name for one in sandbox.world.groups[GROUP].people.values()]
    assert "<b>许晴</b>" in names
    assert "坏人" not in json.dumps(names)

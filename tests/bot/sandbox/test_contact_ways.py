"""Contact ways, the page behind the code, templates of a group's welcome, and the bank's word about
its customers (reference D.6, D.8)."""

from typing import Any

import aiohttp
import pytest

ADD = "externalcontact/add_contact_way"
GET = "externalcontact/get_contact_way"
UPDATE = "externalcontact/update_contact_way"
DELETE = "externalcontact/del_contact_way"
TEMPLATE = "externalcontact/group_welcome_template/"


def way(sandbox: Any, **more: Any) -> dict[str, Any]:
    return {"type": 1, "scene": 2, "state": "call", "user": [sandbox.seed.staff[0].id], **more}


async def test_way_is_made_read_changed_and_deleted(api: Any, sandbox: Any) -> None:
    made = await api.cgi(ADD, way(sandbox, remark="外呼"))
    config_id, qr_code = made["config_id"], made["qr_code"]
    assert qr_code == f"{sandbox.url}/connect/add/{config_id}"
    read = await api.cgi(GET, {"config_id": config_id})
    assert read["contact_way"] == {
        "config_id": config_id,
        "type": 1,
        "scene": 2,
        "style": 1,
        "remark": "外呼",
        "skip_verify": True,
        "state": "call",
        "qr_code": qr_code,
        "user": [sandbox.seed.staff[0].id],
        "party": [],
        "is_temp": False,
    }
    users = [one.id for one in sandbox.seed.staff[:2]]
    change = {"config_id": config_id, "type": 2, "state": "menu", "user": users}
    assert await api.code(UPDATE, change) == 0
    changed = (await api.cgi(GET, {"config_id": config_id}))["contact_way"]
    assert (changed["state"], changed["user"], changed["scene"]) == ("menu", users, 2)
    assert await api.code(DELETE, {"config_id": config_id}) == 0
    assert await api.code(GET, {"config_id": config_id}) == 41044


@pytest.mark.parametrize(
    ("path", "change", "errcode"),
    [
        (ADD, {"type": None}, 41037),
        (ADD, {"scene": None}, 41038),
        (ADD, {"type": 3}, 41039),
        (ADD, {"scene": 3}, 41040),
        (ADD, {"user": []}, 40058),
        (ADD, {"user": ["nobody"]}, 60111),
        (ADD, {"state": "长" * 31}, 40058),
        (GET, {}, 41043),
        (GET, {"config_id": "none"}, 41044),
        (UPDATE, {"config_id": "none"}, 41044),
        (DELETE, {"config_id": "none"}, 41044),
    ],
)
async def test_way_refused(
    api: Any, sandbox: Any, path: str, change: dict[str, Any], errcode: int
) -> None:
    body = {key: one for key, one in {**way(sandbox), **change}.items() if one is not None}
    assert await api.code(path, body) == errcode


async def test_page_behind_the_code_makes_contacts_in_turn(api: Any, sandbox: Any) -> None:
    users = [one.id for one in sandbox.seed.staff[:2]]
    made = await api.cgi(ADD, way(sandbox, type=2, user=users))
    url = made["qr_code"]
    async with aiohttp.ClientSession() as session:
        async with session.get(url) as response:
            page = await response.text()
        for name in ("<b>许晴</b>", "许多多"):
            async with session.post(url, data={"name": name}) as response:
                done = await response.text()
        async with session.post(url, data={"name": " "}) as response:
            nameless = response.status
        foreign = {"Origin": "https://example.com"}
        async with session.post(url, data={"name": "坏人"}, headers=foreign) as response:
            refused = response.status
        async with session.get(f"{sandbox.url}/connect/add/none") as response:
            gone = response.status
    assert '<input name="name"' in page
    assert "许多多 已经添加了" in done
    assert (nameless, refused, gone) == (409, 403, 404)
    people = sandbox.world.people
    added = [
        (staff, people[member].name)
        for (staff, member), one in sandbox.world.relations.items()
        if one.state == "call"
    ]
    assert added == [(users[0], "<b>许晴</b>"), (users[1], "许多多")]


async def test_template_is_kept_changed_and_deleted(api: Any, sandbox: Any) -> None:
    body = {"text": {"content": "欢迎 %NICKNAME%"}, "agentid": 1, "notify": 1}
    id = (await api.cgi(TEMPLATE + "add", body))["template_id"]
    codes = [
        await api.code(TEMPLATE + "edit", {"template_id": id, "text": {"content": "您好"}}),
        await api.code(TEMPLATE + "edit", {"template_id": "none", "text": {"content": "您好"}}),
        await api.code(TEMPLATE + "add", {"text": {"content": ""}}),
        await api.code(TEMPLATE + "add", {"text": {"content": "长" * 1001}}),
    ]
    read = await api.cgi(TEMPLATE + "get", {"template_id": id})
    codes.append(await api.code(TEMPLATE + "del", {"template_id": id}))
    assert (codes, read["text"]) == ([0, 41044, 44004, 40058, 0], {"content": "您好"})
    assert sandbox.welcome_templates.templates == {}


async def test_templates_have_an_end(api: Any) -> None:
    body = {"text": {"content": "欢迎"}}
    codes = [await api.code(TEMPLATE + "add", body) for _ in range(101)]
    assert codes == [0] * 100 + [41055]


async def test_control_says_who_is_a_customer(sandbox: Any) -> None:
    member = next(one.id for one in sandbox.world.people.values() if one.kind == "member")
    async with aiohttp.ClientSession() as session:
        url = f"{sandbox.url}/sandbox/customer"
        asked = ({"member": member, "is": "no"}, {"member": member, "is": "x"}, {"member": "?"})
        codes = []
        for body in asked:
            async with session.post(url, json=body) as response:
                codes.append(response.status)
    assert codes == [200, 409, 409]

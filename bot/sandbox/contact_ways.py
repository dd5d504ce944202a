"""Contact ways (联系我, 渠道活码) and the page behind their QR code (reference D.6).

In WeCom the code is a picture that a phone scans. Here the address of the picture is a page that
asks who scans it, for the people of the sandbox have no phones.
"""

from dataclasses import dataclass
from html import escape

from aiohttp import web

from bot.sandbox.actions import Actions
from bot.sandbox.errors import ApiError, Json, Mistake, ok
from bot.sandbox.fields import Fields
from bot.sandbox.gate import Call, Route
from bot.sandbox.guard import refused_visitor
from bot.sandbox.ids import Ids
from bot.sandbox.oauth import page
from bot.sandbox.world import World

PATH = "/connect/add/"
STAFF = 100
TEXT = 30
"""Characters of `remark` and `state`."""


@dataclass(slots=True)
class ContactWay:
    """One configured way."""

    id: str
    type: int
    scene: int
    remark: str
    skip_verify: bool
    state: str
    users: list[str]
    added: int = 0

    def as_json(self, qr_code: str) -> Json:
        """As `get_contact_way` gives it."""
        return {
            "config_id": self.id,
            "type": self.type,
            "scene": self.scene,
            "style": 1,
            "remark": self.remark,
            "skip_verify": self.skip_verify,
            "state": self.state,
            "qr_code": qr_code,
            "user": self.users,
            "party": [],
            "is_temp": False,
        }


class ContactWays:
    """`*_contact_way`, and people who use one."""

    def __init__(self, world: World, ids: Ids, actions: Actions) -> None:
        self._world = world
        self._ids = ids
        self._actions = actions
        self.ways: dict[str, ContactWay] = {}
        self.base_url = ""
        """`http://127.0.0.1:port`, once the sandbox listens."""

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/externalcontact/"
        return [
            Route("POST", prefix + "add_contact_way", self._add),
            Route("POST", prefix + "get_contact_way", self._get),
            Route("POST", prefix + "list_contact_way", self._list),
            Route("POST", prefix + "update_contact_way", self._update),
            Route("POST", prefix + "del_contact_way", self._delete),
        ]

    def add_routes(self, app: web.Application) -> None:
        """The page; a phone opens it, so it wants no token."""
        app.router.add_get(PATH + "{way}", self._show)
        app.router.add_post(PATH + "{way}", self._take)

    def use(self, config_id: str, *, name: str = "", member: str = "") -> Json:
        """A new customer with that name, or a known one, adds the colleague whose turn it is.
        Raises Mistake."""
        way = self.ways.get(config_id)
        if way is None:
            raise Mistake("这个二维码已经失效。")
        if not member and not name.strip():
            raise Mistake("新客户要有一个名字。")
        staff = way.users[way.added % len(way.users)]
        person = self._world.people.get(member) or self._world.add_customer(name.strip())
        self._actions.add_contact(staff, person.id, way.state)
        way.added += 1
        return {"member": person.id, "name": person.name, "staff": staff}

    def _add(self, call: Call) -> Json:
        body = call.json()
        self._check(body)
        way = self._read(self._ids.code(length=32), body)
        self.ways[way.id] = way
        return ok(config_id=way.id, qr_code=self._qr_code(way))

    def _get(self, call: Call) -> Json:
        way = self._way(call)
        return ok(contact_way=way.as_json(self._qr_code(way)))

    def _list(self, call: Call) -> Json:
        return ok(contact_way=[{"config_id": one} for one in self.ways], next_cursor="")

    def _update(self, call: Call) -> Json:
        way, body = self._way(call), call.json()
        values = {"type": way.type, "scene": way.scene, **body.values}
        changed = self._read(way.id, Fields(values))
        changed.added = way.added
        self.ways[way.id] = changed
        return ok()

    def _delete(self, call: Call) -> Json:
        del self.ways[self._way(call).id]
        return ok()

    def _qr_code(self, way: ContactWay) -> str:
        return f"{self.base_url}{PATH}{way.id}"

    def _way(self, call: Call) -> ContactWay:
        config_id = call.json().text("config_id")
        if not config_id:
            raise ApiError(41043, "missing config_id")
        if config_id not in self.ways:
            raise ApiError(41044, "invalid config_id")
        return self.ways[config_id]

    def _check(self, body: Fields) -> None:
        if "type" not in body:
            raise ApiError(41037, "missing type")
        if "scene" not in body:
            raise ApiError(41038, "missing scene")

    def _read(self, id: str, body: Fields) -> ContactWay:
        type, scene, users = body.number("type"), body.number("scene"), body.texts("user")
        remark, state = body.text("remark"), body.text("state")
        if type not in (1, 2):
            raise ApiError(41039, "invalid type")
        if scene not in (1, 2):
            raise ApiError(41040, "invalid scene")
        if len(remark) > TEXT or len(state) > TEXT:
            raise ApiError(40058, f"remark or state exceed max length {TEXT}")
        if not users or len(users) > STAFF or (type == 1 and len(users) > 1):
            raise ApiError(40058, "invalid user list size")
        for user in users:
            if self._world.find_staff(user) is None:
                raise ApiError(60111, f"userid not found: {user}")
        skip_verify = body.flag("skip_verify") if "skip_verify" in body else True
        return ContactWay(id, type, scene, remark, skip_verify, state, users)

    async def _show(self, request: web.Request) -> web.Response:
        way = self.ways.get(request.match_info["way"])
        if way is None:
            return page("二维码失效", "<p>这个二维码已经失效。</p>", status=404)
        customers = [one for one in self._world.people.values() if one.kind == "member"]
        strangers = [
            one
            for one in customers
            if not any((user, one.id) in self._world.relations for user in way.users)
        ]
        rows = "".join(
            f'<li><button name="member" value="{escape(one.id)}">{escape(one.name)}</button></li>'
            for one in strangers
        )
        return page(
            "添加客户经理",
            '<p class="note">沙箱里没有手机，请选择是谁扫了这个二维码。</p>'
            '<form method="post"><h2>新客户</h2><p><input name="name" maxlength="32" '
            'aria-label="新客户的名字"><button>扫码添加</button></p></form>'
            f'<form method="post"><h2>沙箱里的客户</h2><ul>{rows}</ul></form>',
        )

    async def _take(self, request: web.Request) -> web.Response:
        reason = refused_visitor(request.headers)
        if reason:
            return page("不能添加", f"<p>{escape(reason)}</p>", status=403)
        form = await request.post()
        name, member = str(form.get("name", "")), str(form.get("member", ""))
        try:
            done = self.use(request.match_info["way"], name=name[:32], member=member)
        except Mistake as error:
            return page("不能添加", f"<p>{escape(str(error))}</p>", status=409)
        staff = self._world.people[done["staff"]]
        text = f"<p>{escape(done['name'])} 已经添加了 {escape(staff.name)}，可以关掉这一页。</p>"
        return page("添加成功", text)

"""Customer contact, read side: customers, remarks and the welcome message (D.2, D.7)."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, ok, too_long
from bot.sandbox.gate import Call, Route
from bot.sandbox.ids import Ids
from bot.sandbox.timeline import Message, Sender, Timeline
from bot.sandbox.world import Person, Relation, World

WELCOME_LIFE = timedelta(seconds=20)
WELCOME_BYTES = 4000


@dataclass(slots=True)
class Welcome:
    """A welcome_code: 20 seconds, one use."""

    staff: str
    customer: str
    until: datetime
    used: bool = False


class Contacts:
    """The paths under `/cgi-bin/externalcontact/` about single customers, and `user/get`."""

    def __init__(self, world: World, timeline: Timeline, clock: SandboxClock, ids: Ids) -> None:
        self._world = world
        self._timeline = timeline
        self._clock = clock
        self._ids = ids
        self._welcomes: dict[str, Welcome] = {}

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/externalcontact/"
        return [
            Route("GET", prefix + "get_follow_user_list", self._follow_users),
            Route("GET", prefix + "list", self._list),
            Route("GET", prefix + "get", self._get),
            Route("POST", prefix + "batch/get_by_user", self._batch),
            Route("POST", prefix + "remark", self._remark),
            Route("POST", prefix + "send_welcome_msg", self._welcome, sends=True),
            Route("GET", "/cgi-bin/user/get", self._user),
        ]

    def new_welcome(self, staff: str, customer: str) -> str:
        """A code that comes with the add event."""
        code = self._ids.code(length=40)
        self._welcomes[code] = Welcome(staff, customer, self._clock.now() + WELCOME_LIFE)
        return code

    def _follow_users(self, call: Call) -> Json:
        staff = [one.id for one in self._world.people.values() if one.kind == "staff"]
        return ok(follow_user=staff)

    def _list(self, call: Call) -> Json:
        staff = self._world.find_staff(call.query.get("userid", ""))
        if staff is None:
            raise ApiError(60111, "userid not found")
        customers = self._world.customers_of(staff.id)
        if not customers:
            # An empty list is not what WeCom answers here.
            raise ApiError(84061, "not external contact")
        return ok(external_userid=customers)

    def _get(self, call: Call) -> Json:
        person = self._world.people.get(call.query.get("external_userid", ""))
        if person is None or person.kind != "member":
            raise ApiError(40096, "invalid external userid")
        followers = self._world.followers(person.id)
        if not followers:
            raise ApiError(84061, "not external contact")
        rows = [self._follow_row(staff, relation) for staff, relation in followers.items()]
        return ok(external_contact=_contact(person), follow_user=rows, next_cursor="")

    def _batch(self, call: Call) -> Json:
        """Pages over everybody's customers, colleague by colleague (reference D.2)."""
        body = call.json()
        userids, limit = body.texts("userid_list"), body.number("limit", 50)
        if not userids and "userid" in body:  # the form of before 2021, which clients still send
            userids = [body.text("userid")]
        if not 1 <= len(userids) <= 100:
            raise ApiError(40058, "userid_list size out of range")
        if not 1 <= limit <= 100:
            raise ApiError(40058, "limit out of range")
        staff = [self._world.find_staff(one) for one in userids]
        if None in staff:
            raise ApiError(60111, "userid not found")
        cursor = body.text("cursor")
        if cursor and not cursor.isdecimal():
            raise ApiError(50100, "invalid cursor")
        pairs = [
            (one.id, customer)
            for one in staff
            if one is not None
            for customer in self._world.customers_of(one.id)
        ]
        if not pairs:
            raise ApiError(84061, "not external contact")
        start = int(cursor or "0")
        page = pairs[start : start + limit]
        more = start + limit < len(pairs)
        return ok(
            external_contact_list=[self._batch_row(*pair) for pair in page],
            next_cursor=str(start + limit) if more else "",
        )

    def _batch_row(self, staff: str, customer: str) -> Json:
        relation = self._world.relations[staff, customer]
        info = self._follow_row(staff, relation)
        del info["tags"]
        return {
            "external_contact": _contact(self._world.people[customer]),
            "follow_info": {**info, "tag_id": sorted(relation.tags)},
        }

    def _follow_row(self, staff: str, relation: Relation) -> Json:
        tags = []
        for id in sorted(relation.tags):
            found = self._world.find_tag(id)
            if found is not None:
                group, tag = found
                tags.append(
                    {"group_name": group.name, "tag_name": tag.name, "tag_id": id, "type": 1}
                )
        return {
            "userid": staff,
            "remark": relation.remark,
            "description": relation.description,
            "createtime": int(relation.since.timestamp()),
            "tags": tags,
            "remark_mobiles": [],
            "add_way": 1,
            "oper_userid": staff,
            "state": relation.state,
        }

    def _remark(self, call: Call) -> Json:
        body = call.json()
        relation = self._world.relations.get((body.text("userid"), body.text("external_userid")))
        if relation is None:
            raise ApiError(84061, "not external contact")
        remark, description = body.text("remark"), body.text("description")
        if len(remark) > 20:
            raise too_long("remark", 20)
        if len(description) > 150:
            raise too_long("description", 150)
        if "remark" in body:
            relation.remark = remark
        if "description" in body:
            relation.description = description
        return ok()

    def _welcome(self, call: Call) -> Json:
        body = call.json()
        welcome = self._welcomes.get(body.text("welcome_code"))
        if welcome is None or self._clock.now() > welcome.until:
            raise ApiError(41050, "invalid welcome_code")
        if welcome.used:
            raise ApiError(41051, "welcome msg had been sent")
        text = body.object("text").text("content")
        attachments = body.objects("attachments")
        if not text and not attachments:
            raise ApiError(44004, "empty content")
        if len(text.encode()) > WELCOME_BYTES:
            raise too_long("text.content", WELCOME_BYTES)
        if len(attachments) > 9:
            raise ApiError(41064, "attachments count out of limit")
        welcome.used = True
        staff = self._world.people[welcome.staff]
        titles = [one.object(one.text("msgtype")).text("title") for one in attachments]
        self._timeline.post(
            Message(
                chat=private_chat(welcome.staff, welcome.customer),
                at=self._clock.now(),
                sender=Sender(staff.id, staff.name, "staff"),
                type="text",
                text="\n".join([text, *(f"［{title or '附件'}］" for title in titles)]).strip(),
            )
        )
        return ok()

    def _user(self, call: Call) -> Json:
        person = self._world.find_staff(call.query.get("userid", ""))
        if person is None:
            raise ApiError(60111, "userid not found")
        return ok(
            userid=person.id, name=person.name, department=[1], position=person.title, status=1
        )


def _contact(person: Person) -> Json:
    return {
        "external_userid": person.id,
        "name": person.name,
        "type": 1,
        "gender": 0,
        "avatar": "",
    }


def private_chat(staff: str, customer: str) -> str:
    """Id of the 1:1 conversation between a colleague and a customer, which no bot ever hears."""
    return f"private:{staff}:{customer}"

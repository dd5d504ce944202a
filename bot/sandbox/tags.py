"""Corp tags and marking customers with them (reference D.3)."""

from bot.sandbox.clockwork import SandboxClock
from bot.sandbox.errors import ApiError, Json, ok, too_long
from bot.sandbox.faults import Faults
from bot.sandbox.fields import Fields
from bot.sandbox.gate import Call, Route
from bot.sandbox.world import Tag, TagGroup, World

TAG_CAP = 10_000
"""Per corp, on the 2026-08 page; 3,000 in older copies."""
CUSTOMER_CAP = 20
"""On one customer of one colleague; the documents name no number, a product in the field 20."""
NAME_LIMIT = 30


class Tags:
    """`get/add/edit/del_corp_tag` and `mark_tag`."""

    def __init__(self, world: World, clock: SandboxClock, faults: Faults) -> None:
        self._world = world
        self._faults = faults
        self._clock = clock

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/externalcontact/"
        return [
            Route("POST", prefix + "get_corp_tag_list", self._list),
            Route("POST", prefix + "add_corp_tag", self._add),
            Route("POST", prefix + "edit_corp_tag", self._edit),
            Route("POST", prefix + "del_corp_tag", self._delete),
            Route("POST", prefix + "mark_tag", self._mark),
        ]

    def _list(self, call: Call) -> Json:
        body = call.json()
        tag_ids, group_ids = set(body.texts("tag_id")), set(body.texts("group_id"))
        rows = []
        for group in self._world.tag_groups.values():
            if group_ids:
                if group.id in group_ids:
                    rows.append(_group_row(group, group.tags))
                continue
            tags = [tag for tag in group.tags if not tag_ids or tag.id in tag_ids]
            if tags:
                rows.append(_group_row(group, tags))
        return ok(tag_group=rows)

    def _add(self, call: Call) -> Json:
        body = call.json()
        wanted = {tag.text("name"): tag.number("order") for tag in body.objects("tag")}
        if not wanted:
            raise ApiError(40058, "tag empty")
        for name in wanted:
            _check_name(name)
        if self._count() + len(wanted) > TAG_CAP:
            raise ApiError(40126, "corp tag count out of limit")
        group = self._group_for(body)
        if group is not None and any(tag.name in wanted for tag in group.tags):
            raise ApiError(40071, "tag name already exist")
        now = self._clock.now()
        if group is None:
            group = self._world.add_tag_group(
                body.text("group_name"), body.number("order"), now, own=True
            )
        made = [
            self._world.add_tag(group, name, order, now, own=True) for name, order in wanted.items()
        ]
        return ok(tag_group=_group_row(group, made))

    def _group_for(self, body: Fields) -> TagGroup | None:
        """The group to add to; None: a new one is to be made."""
        group_id = body.text("group_id")
        if group_id:
            if group_id not in self._world.tag_groups:
                raise ApiError(40068, "invalid tag group id")
            return self._world.tag_groups[group_id]
        name = body.text("group_name")
        _check_name(name)
        return next((one for one in self._world.tag_groups.values() if one.name == name), None)

    def _count(self) -> int:
        return sum(len(group.tags) for group in self._world.tag_groups.values())

    def _edit(self, call: Call) -> Json:
        body = call.json()
        id, name = body.text("id"), body.text("name")
        group = self._world.tag_groups.get(id)
        found = self._world.find_tag(id)
        if group is None and found is None:
            raise ApiError(40068, "invalid tag id")
        thing: Tag | TagGroup = found[1] if found is not None else self._world.tag_groups[id]
        if not thing.own:
            raise ApiError(81011, "no permission to operate the tag")
        siblings: list[Tag] | list[TagGroup] = (
            found[0].tags if found is not None else list(self._world.tag_groups.values())
        )
        if "name" in body:
            _check_name(name)
            if any(one.name == name and one.id != id for one in siblings):
                raise ApiError(40071, "tag name already exist")
            thing.name = name
        if "order" in body:
            thing.order = body.number("order")
        return ok()

    def _delete(self, call: Call) -> Json:
        body = call.json()
        doomed = _texts_or_text(body, "tag_id")
        for group_id in _texts_or_text(body, "group_id"):
            if group_id not in self._world.tag_groups:
                raise ApiError(40068, "invalid tag group id")
            doomed += [tag.id for tag in self._world.tag_groups[group_id].tags]
        if not doomed:
            raise ApiError(41017, "tagid missing")
        for id in doomed:
            found = self._world.find_tag(id)
            if found is None:
                raise ApiError(40068, "invalid tag id")
            if not found[1].own:
                raise ApiError(81011, "no permission to operate the tag")
        for id in doomed:
            self._world.drop_tag(id)
        return ok()

    def _mark(self, call: Call) -> Json:
        body = call.json()
        add, remove = body.texts("add_tag"), body.texts("remove_tag")
        if not add and not remove:
            raise ApiError(41017, "tagid missing")
        staff = self._world.find_staff(body.text("userid"))
        key = (staff.id if staff else "", body.text("external_userid"))
        relation = self._world.relations.get(key)
        if relation is None:
            raise ApiError(84061, "not external contact")
        if any(self._world.find_tag(id) is None for id in [*add, *remove]):
            raise ApiError(40068, "invalid tag id")
        if self._faults.take("tags_busy"):
            raise ApiError(45035, "conflicting concurrent operations")
        # Whether WeCom takes off before it puts on is not documented: the stricter reading.
        if add and len(relation.tags | set(add)) > CUSTOMER_CAP:
            raise ApiError(40144, "customer tag count out of limit")
        relation.tags = (relation.tags | set(add)) - set(remove)
        return ok()


def _texts_or_text(body: Fields, name: str) -> list[str]:
    """A list; clients in the field also send a single id (wechatpy does)."""
    value = body.values.get(name)
    return [value] if isinstance(value, str) else body.texts(name)


def _check_name(name: str) -> None:
    if not name:
        raise ApiError(40058, "tag name missing")
    if len(name) > NAME_LIMIT:
        raise too_long("tag name", NAME_LIMIT)


def _group_row(group: TagGroup, tags: list[Tag]) -> Json:
    return {
        "group_id": group.id,
        "group_name": group.name,
        "create_time": int(group.created_at.timestamp()),
        "order": group.order,
        "deleted": False,
        "tag": [
            {
                "id": tag.id,
                "name": tag.name,
                "create_time": int(tag.created_at.timestamp()),
                "order": tag.order,
                "deleted": False,
            }
            for tag in sorted(tags, key=lambda tag: -tag.order)
        ],
    }

"""Templates of a group's welcome (入群欢迎语素材, reference D.8): kept and offered to group owners;
no call binds one to a group."""

from bot.sandbox.errors import ApiError, Json, ok, too_long
from bot.sandbox.fields import Fields
from bot.sandbox.gate import Call, Route
from bot.sandbox.ids import Ids

MOST = 100
TEXT_BYTES = 3000


class WelcomeTemplates:
    """`group_welcome_template/*`."""

    def __init__(self, ids: Ids) -> None:
        self._ids = ids
        self.templates: dict[str, str] = {}
        """Texts by id."""

    def routes(self) -> list[Route]:
        prefix = "/cgi-bin/externalcontact/group_welcome_template/"
        return [
            Route("POST", prefix + "add", self._add),
            Route("POST", prefix + "edit", self._edit),
            Route("POST", prefix + "get", self._get),
            Route("POST", prefix + "del", self._delete),
        ]

    def _add(self, call: Call) -> Json:
        if len(self.templates) >= MOST:
            raise ApiError(41055, "welcome template count out of limit")
        id = self._ids.code(length=32)
        self.templates[id] = _read(call.json())
        return ok(template_id=id)

    def _edit(self, call: Call) -> Json:
        id = self._id(call)
        self.templates[id] = _read(call.json())
        return ok()

    def _get(self, call: Call) -> Json:
        return ok(text={"content": self.templates[self._id(call)]})

    def _delete(self, call: Call) -> Json:
        del self.templates[self._id(call)]
        return ok()

    def _id(self, call: Call) -> str:
        id = call.json().text("template_id")
        if id not in self.templates:
            raise ApiError(41044, "invalid template_id")
        return id


def _read(body: Fields) -> str:
    text = body.object("text").text("content")
    if not text:
        raise ApiError(44004, "empty content")
    if len(text.encode()) > TEXT_BYTES:
        raise too_long("text.content", TEXT_BYTES)
    return text

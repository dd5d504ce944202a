"""What a member is told when a page cannot be shown: what happened, and what to do."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Way:
    """A way on from here, as a link."""

    path: str
    label: str


HOME = Way("/m/home", "回到首页")


class Trouble(Exception):
    """A page that says what is wrong, with its HTTP status."""

    def __init__(self, status: int, title: str, text: str, way: Way | None = None) -> None:
        super().__init__(title)
        self.status = status
        self.title = title
        self.text = text
        self.way = way


def too_old() -> Trouble:
    """Whoever stays away for two hours comes in by the door again."""
    return Trouble(
        401,
        "请重新打开链接",
        "为了您的安全，页面打开两小时后需要重新进入。请回到群里，点开最近一条带链接的消息。",
    )


def not_here() -> Trouble:
    """No such page."""
    return Trouble(404, "没有这个页面", "请回到群里，点开最近一条带链接的消息。", HOME)

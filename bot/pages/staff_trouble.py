"""What a colleague is told when a page of the summary cannot be shown."""

from bot.pages.staff_door import HOME
from bot.pages.trouble import Trouble, Way


def too_often() -> Trouble:
    """Too many requests."""
    return Trouble(429, "点得太快了", "请歇一分钟再看。")


def broken() -> Trouble:
    """A fault of ours."""
    text = "这一页暂时打不开，请过一会儿再试；还不行，请告诉管理员。"
    return Trouble(500, "出了点问题", text, Way(HOME, "看我的周报"))


def damaged() -> Trouble:
    """What was kept is not what is stored."""
    text = "这一周的终稿和它的校验值对不上，请告诉管理员看日志（summary_damaged）。"
    return Trouble(500, "终稿校验没有通过", text, Way(HOME, "看我的周报"))


def foreign() -> Trouble:
    """A form that this session's pages did not make."""
    text = "页面放得太久，或在别处重新打开过。请回到首页再操作一次。"
    return Trouble(403, "请再操作一次", text, Way(HOME, "看我的周报"))

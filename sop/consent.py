"""The terms on which members take part on the page (活动须知), in the words of 个人信息保护法.

Their version is taken from their words, so that nobody can change the text without members being
asked again.
"""

import hashlib
from dataclasses import dataclass

_LINES = (
    ("谁在处理", "{company}（下称我们）运营本群的活动，对您的信息负责。"),
    (
        "处理什么",
        "您在本群的昵称和企业微信给我们的客户编号；您的入群时间、签到、游戏得分、抽奖和领奖记录、"
        "积分和邀请记录。我们记的是次数和时间，不保存您聊天的内容。",
    ),
    ("为了什么", "办好签到、游戏、抽奖、积分和发奖，防止冒领和作弊，并按规定留存中奖记录备查。"),
    (
        "保存多久",
        "活动需要时保存；中奖和发奖记录按《规范促销行为暂行规定》至少保存两年，届时删除或匿名。",
    ),
    ("给谁看", "只有本行负责的同事；群里公布名单时只显示遮住一部分的昵称。不出售，不用于授信。"),
    (
        "您的权利",
        "您可以随时在“我的数据”里查看、下载自己的数据，或撤回同意。撤回后不能再抽奖和使用积分，"
        "已经中的奖照常发给您。不想被统计，可以点“退出统计”，照样能参加活动；"
        "想删除数据，可以点“删除我的数据”，我们在十五天内办理。",
    ),
    ("不同意也可以", "不参加活动不影响您在本行的任何业务，参加也不需要购买任何产品。"),
)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a member reads before taking part."""

    version: str
    """Eight hexadecimal digits."""
    lines: tuple[tuple[str, str], ...]
    """(heading, text)."""


def terms(company: str) -> Terms:
    """The terms of this company."""
    lines = tuple((heading, text.format(company=company)) for heading, text in _LINES)
    words = "\n".join(f"{heading}\t{text}" for heading, text in lines)
    return Terms(hashlib.sha256(words.encode()).hexdigest()[:8], lines)

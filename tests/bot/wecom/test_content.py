"""Message bodies for WeCom."""

import pytest

from bot.wecom.content import plain_text


@pytest.mark.parametrize(
    ("markdown", "plain"),
    [
        ("**早上好**，各位", "早上好，各位"),
        ("> 风险提示：投资有风险", "风险提示：投资有风险"),
        ("## 标题\n正文 # 不是标题", "标题\n正文 # 不是标题"),
        ('<font color="warning">注意</font>`12`', "注意12"),
        ("看[公告](https://example.com/a)吧", "看公告 https://example.com/a吧"),
        ("5 > 3，2 * 3", "5 > 3，2 * 3"),
    ],
)
def test_plain_text(markdown: str, plain: str) -> None:
    assert plain_text(markdown) == plain

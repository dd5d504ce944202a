"""A picture, one screen of a phone."""

from bot.forms import Form
from sop.summary.summary import Summary


def _render(summary: Summary) -> bytes:
    from bot.summary_picture import png

    return png(summary)


FORM = Form("png", "图片", "image/png", 20, _render, binary=True)

"""A web page that needs nothing else."""

from bot.forms import Form
from sop.summary.summary import Summary


def _render(summary: Summary) -> bytes:
    from bot.summary_page import html

    return html(summary).encode()


FORM = Form("html", "网页文件", "text/html; charset=utf-8", 30, _render)

"""Markdown: for a terminal, a wiki, a mail."""

from bot.forms import Form
from sop.summary.summary import Summary


def _render(summary: Summary) -> bytes:
    from sop.summary.markdown import document

    return document(summary).encode()


FORM = Form("md", "Markdown", "text/markdown; charset=utf-8", 40, _render)

"""JSON, for scripts: the names of interfaces.md."""

import json

from bot.forms import Form
from sop.summary.summary import Summary


def _render(summary: Summary) -> bytes:
    text = json.dumps(summary.as_json(), ensure_ascii=False, indent=2, allow_nan=False)
    return f"{text}\n".encode()


FORM = Form("json", "JSON", "application/json; charset=utf-8", 50, _render)

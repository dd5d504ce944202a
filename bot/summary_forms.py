"""The files that a week is given out as: what they are called, and which there are."""

from bot.forms import Form, all_forms
from sop.summary.summary import Summary
from sop.summary.weeks import week_label

FORMS = all_forms()
"""In the order in which they are offered; each is one file of `bot/forms`."""


def file_name(summary: Summary, form: Form) -> str:
    """`周报 2026-W47 全部社群.xlsx`, with nothing in it that a file system minds."""
    scope = "".join(one for one in summary.scope if one.isalnum() or one in " -_，、")[:60]
    return f"周报 {week_label(summary.monday)} {scope.strip()}.{form.name}"

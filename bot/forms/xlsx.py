"""Excel."""

from bot.forms import Form
from sop.summary.summary import Summary

_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _render(summary: Summary) -> bytes:
    from bot.summary_workbook import xlsx

    return xlsx(summary)


FORM = Form("xlsx", "Excel", _TYPE, 10, _render, binary=True)

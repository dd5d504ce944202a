"""CSV, a line for each number."""

from bot.forms import Form
from sop.summary.summary import Summary


def _render(summary: Summary) -> bytes:
    from bot.summary_csv import csv_of

    return csv_of(summary)


FORM = Form("csv", "CSV", "text/csv; charset=utf-8", 45, _render)

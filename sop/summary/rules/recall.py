"""What became of writing to members who had gone silent."""

from collections.abc import Iterator

from sop.summary.details import RecallFigures
from sop.summary.finding import Finding
from sop.summary.period import Period
from sop.summary.share import Share
from sop.summary.step_names import short

GOOD = 0.1
POOR = 0.05


def recall(period: Period) -> Iterator[Finding]:
    """Only a result that is surely good or surely poor; in between nothing is to be changed."""
    for one in period.details.recalls:
        back = Share(one.back, one.written)
        low, high = back.surely()
        if low >= GOOD or high < POOR:
            yield _result(one, back, good=low >= GOOD)


def _result(one: RecallFigures, back: Share, *, good: bool) -> Finding:
    proposal = (
        "下周建议写给其余的沉默成员。" if good else "下次建议换一种说法，或者改由客户经理打电话。"
    )
    return Finding(
        "recall",
        48 if good else 62,
        f"“{short(one.title)}”写给 {one.written:,} 人，{one.clicked:,} 人打开，"
        f"回来的 {back.told}。",
        proposal,
    )


RULE = recall

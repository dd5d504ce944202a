"""A usual sheet, and what importing one comes to."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from bot.bank_import import Faulty, Imported, import_bank

Rows = Sequence[Sequence[Any]]
Table = Callable[..., Path]

HEADER = ("题目", "选项A", "选项B", "选项C", "答案", "解析", "难度", "编号")
GOOD = ("一加一？", "一", "二", "三", "B", "算一算。", "易", "sum")
SAVE_AS = "请用 Excel 或 WPS 打开，另存为“Excel 工作簿（.xlsx）”再导入。"


def imported(path: Path, *only: str) -> Imported:
    return import_bank(path, "basics", "常识", only)


def faults(path: Path, *only: str) -> list[str]:
    with pytest.raises(Faulty) as error:
        imported(path, *only)
    return error.value.faults


def questions(path: Path, *only: str) -> list[dict[str, Any]]:
    bank = imported(path, *only).bank
    return [one.model_dump(exclude_defaults=True) for one in bank.questions]

"""The empty sheet that colleagues fill in: header, two examples, and how to fill it in."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

_COLUMNS: Mapping[str, int] = {
    "题目": 44,
    "选项A": 16,
    "选项B": 16,
    "选项C": 16,
    "选项D": 16,
    "答案": 12,
    "同义答案": 16,
    "提示": 20,
    "解析": 44,
    "出处": 28,
    "难度": 8,
    "编号": 14,
}
"""Header → width in characters."""

_EXAMPLES: Sequence[Mapping[str, str]] = (
    {
        "题目": "同一存款人在同一家银行的存款，存款保险的最高偿付限额是多少？",
        "选项A": "20 万元",
        "选项B": "50 万元",
        "选项C": "100 万元",
        "选项D": "不设上限",
        "答案": "B",
        "提示": "是“五”打头的数。",
        "解析": "本金和利息合并计算，50 万元以内全额偿付。",
        "出处": "《存款保险条例》第五条",
        "难度": "易",
        "编号": "deposit-limit",
    },
    {
        "题目": "银行工作人员可以帮客户保管银行卡密码，对吗？",
        "答案": "错",
        "解析": "密码只能由自己保管，任何人索要密码都要拒绝。",
        "出处": "常识",
        "难度": "中",
    },
)

_HELP = (
    "怎么填",
    "1. 每行一道题。“题目”和“答案”必填，其余可以空着。第一张表里的两行是例子，请改成自己的题。",
    "2. 选择题：选项从 A 起连续填，最多到 H（可以加列）；答案写字母或选项原文，只能有一个。",
    "3. 判断题：选项空着，答案写“对”或“错”（也可以写“是”或“否”）。",
    "4. 问答题：选项空着，答案写标准答案；同样算对的说法写在“同义答案”，用“；”隔开。",
    "5. 难度写 易、中、难，空着是“中”。编号在本题库内唯一，空着会自动编。",
    "6. 不要合并单元格，不要写公式。像 1-2、3/4 这样的内容，要在格式为“文本”的单元格里输入。",
    "7. 列的顺序可以变；多出的列会被忽略；可以有几张工作表，格式相同就行。",
    "8. 导入：qunyun bank import 文件名.xlsx。有问题会逐格指出，改好再导入。",
)


def write_template(out: Path) -> None:
    """Writes an .xlsx whose cells are all text, so that Excel changes nothing typed into them.

    Raises FileExistsError and OSError.
    """
    from xlsxwriter import Workbook

    with out.open("xb") as file:
        workbook = Workbook(file, {"in_memory": True})
        # The same file every time.
        workbook.set_properties({"created": datetime(2026, 1, 1, tzinfo=UTC)})
        bold = workbook.add_format({"bold": True, "bg_color": "#DDEBF7", "num_format": "@"})
        text = workbook.add_format({"text_wrap": True, "valign": "top", "num_format": "@"})
        sheet = workbook.add_worksheet("题目")
        sheet.freeze_panes(1, 1)
        for column, (header, width) in enumerate(_COLUMNS.items()):
            sheet.set_column(column, column, width, text)
            sheet.write_string(0, column, header, bold)
            for row, example in enumerate(_EXAMPLES, 1):
                sheet.write_string(row, column, example.get(header, ""), text)
        level = list(_COLUMNS).index("难度")
        choice = {"validate": "list", "source": ["易", "中", "难"], "ignore_blank": True}
        sheet.data_validation(1, level, 5000, level, choice)
        notes = workbook.add_worksheet("说明")
        notes.set_column(0, 0, 100, text)
        for row, line in enumerate(_HELP):
            notes.write_string(row, 0, line, bold if row == 0 else text)
        workbook.close()

"""What a prediction must not be about."""

import pytest

from sop.compliance.catalogue import PREDICTION_MARKET
from sop.compliance.fold import fold
from sop.compliance.predictions import market_problem
from sop.compliance.words import words

FORMS = [form for one in words().markets for form in (one.term, *one.variants)]


def test_forms_stand_once_and_as_they_are_looked_for() -> None:
    assert sorted({one for one in FORMS if FORMS.count(one) > 1}) == []
    assert [one for one in FORMS if fold(one) != one] == []


@pytest.mark.parametrize("form", FORMS)
def test_each_form_is_refused(form: str) -> None:
    assert market_problem(f"明天的{form}，您怎么看？") == (
        f"“{form}”：竞猜题目涉及行情或彩票。请换成天气、体育、电影、节目这样的题目。这一条不能豁免。"
        f"（依据：{PREDICTION_MARKET.source}）"
    )


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("明天 Ａ 股是红是绿？", "Ａ 股"),
        ("沪\u200b深三百周五收在哪里", "沪\u200b深"),
        ("猜猜下周金*价", "金*价"),
        ("這個月的匯率", "匯率"),
        ("大盘鸡之后是大盘", "大盘"),
        ("LPR 下调吗", "LPR"),
        ("明天基金会涨吗", "基金"),
    ],
)
def test_disguise_does_not_help(text: str, said: str) -> None:
    assert (market_problem(text) or "").startswith(f"“{said}”：")


@pytest.mark.parametrize(
    "text",
    [
        "明天下雨吗？",
        "周末空气质量指数能到优吗？",
        "紫外线指数几级",
        "黄金周去哪里玩的人最多？",
        "晚饭吃大盘鸡还是火锅？",
        "决赛哪一队赢？",
        "春节档票房第一是哪部电影？",
        "第一个冲线的是几号选手",
        "红十字基金会的义卖能来多少人",
        "",
    ],
)
def test_harmless_questions_pass(text: str) -> None:
    assert market_problem(text) is None

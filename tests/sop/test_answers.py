"""Judging answers: tolerant of form, strict about meaning."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.answers import (
    LONGEST,
    Verdict,
    bank_problems,
    match,
    normalise,
    question_problems,
    right_choice,
)
from sop.bank import Bank, Question

RIGHT, WRONG, CHATTER = Verdict.RIGHT, Verdict.WRONG, Verdict.CHATTER


def question(
    answer: str, choices: list[str] | None = None, accept: list[str] | None = None
) -> Question:
    return Question(id="q", ask="？", choices=choices or [], answer=answer, accept=accept or [])


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ＡＢＣ　１２３", "abc123"),
        ("頭髮，臺灣 後臺、乾淨！", "头发台湾后台干净"),
        ("存款保險。", "存款保险"),
        ("５０万元", "500000元"),
        ("50,000元", "50000元"),
        ("5 万", "50000"),
        ("2.5％", "2.5%"),
        ("－5%", "-5%"),
        ("5～10年", "5-10年"),
        ("5至10年", "5-10年"),
        ("10：30", "10:30"),
        ("12、34", "12 34"),
        ("A👍🏻", "a"),
        ("✅", "√"),
        ("\u200bA\u202e", "a"),
        ("……", ""),
    ],
)
def test_normalise_text(text: str, expected: str) -> None:
    assert normalise(text) == expected


CHOICES = ["20 万元", "50 万元", "500 万元", "不设上限"]


@pytest.mark.parametrize(
    "said",
    [
        "B", "b", "Ｂ", "B.", "B。", "B!!!", "B 👍", "B项", "选项B", "选B", "我选 b", "我选择B",
        "我觉得是B吧", "答案是B", "应该选B", "答B", "50万元", "五十万元", "５０ 万 元", "500000元",
        "50萬元", "B. 50 万元", "我猜是50万元",
    ],
)  # fmt: skip
def test_match_choice_right(said: str) -> None:
    assert match(question("B", CHOICES), said) is RIGHT
    assert match(question("50 万元", CHOICES), said) is RIGHT


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("A", WRONG),
        ("d", WRONG),
        ("500万元", WRONG),
        ("5 百万元", WRONG),
        ("不设上限", WRONG),
        ("设上限", CHATTER),
        ("E", CHATTER),
        ("AB", CHATTER),
        ("B还是C", CHATTER),
        ("我不选B", CHATTER),
        ("不是B", CHATTER),
        ("5万元", CHATTER),
        ("B" + "啊" * LONGEST, CHATTER),
        ("今天天气不错", CHATTER),
        ("", CHATTER),
        ("\u200b", CHATTER),
    ],
)
def test_match_choice_otherwise(said: str, verdict: Verdict) -> None:
    assert match(question("B", CHOICES), said) is verdict


@pytest.mark.parametrize(
    ("said", "verdict"),
    [
        ("对", RIGHT),
        ("正确", RIGHT),
        ("√", RIGHT),
        ("✅", RIGHT),
        ("是的", RIGHT),
        ("错", WRONG),
        ("不对", WRONG),
        ("❌", WRONG),
        ("B", WRONG),
        ("对不起", CHATTER),
    ],
)
def test_match_true_or_false(said: str, verdict: Verdict) -> None:
    assert match(question("对", ["对", "错"]), said) is verdict


@pytest.mark.parametrize("said", ["不保障", "不受保障", "我觉得不保障", "B"])
def test_match_choice_accepts_synonyms(said: str) -> None:
    choices = ["受保障", "不受保障"]
    assert match(question("B", choices, ["不保障"]), said) is RIGHT


@pytest.mark.parametrize(
    ("answer", "said", "verdict"),
    [
        ("50万", "500万", WRONG),
        ("50万", "5万", WRONG),
        ("50万", "五十万", RIGHT),
        ("50万", "500000", RIGHT),
        ("50万", "不知道", CHATTER),
        ("50万", "这题没印象", CHATTER),
        ("能", "不能", WRONG),
        ("不能", "能", WRONG),
        ("一年", "二年", WRONG),
        ("一年", "1 年", RIGHT),
        ("两年", "二年", RIGHT),
        ("一年定期存款", "二年定期存款", WRONG),
        ("2.5%", "百分之二点五", RIGHT),
        ("2.5%", "25%", WRONG),
        ("5%", "-5%", WRONG),
        ("5-10年", "510年", WRONG),
        ("定期存款", "定期存歀", RIGHT),
        ("定期存款", "活期存款", WRONG),
        ("定期存款", "定期贷款", WRONG),
        ("存款保险", "存款保证", WRONG),
        ("存款保险", "存款保险费", WRONG),
        ("存款保险", "不存款保险", WRONG),
        ("存款保险", "是存款保险吗？", CHATTER),
        ("存款保险", "存款保险？", RIGHT),
        ("贷款市场报价利率", "贷款市场抱价利率", RIGHT),
        ("贷款市场报价利率", "贷款市扬抱价利率", RIGHT),
        ("贷款市场报价利率", "存款市场报价利率", WRONG),
        ("贷款市场报价利率", "贷款市扬抱价力率", WRONG),
        ("高风险产品", "低风险产品", WRONG),
        ("犹豫期", "猶豫期", RIGHT),
        ("犹豫期", "犹预期", WRONG),
        ("shibor", "SHIBR", RIGHT),
        ("录像", "哈哈", CHATTER),
        ("录像", "收到", CHATTER),
        ("录像", "今天晚上吃什么好呢", CHATTER),
        ("录像", "拍照", WRONG),
    ],
)
def test_match_free_text(answer: str, said: str, verdict: Verdict) -> None:
    assert match(question(answer), said) is verdict


@given(st.integers(0, 10**9), st.integers(0, 10**9), st.sampled_from(["", "元", "%", "年"]))
def test_match_numbers_exactly(meant: int, said: int, unit: str) -> None:
    expected = RIGHT if meant == said else WRONG
    assert match(question(f"{meant}{unit}"), f"{said}{unit}") in (expected, CHATTER)
    assert match(question(f"{meant}{unit}"), f"{meant}{unit}") is RIGHT


@given(
    st.text(alphabet="存款保险理财产品利率基金", min_size=1, max_size=10),
    st.sampled_from(["不", "没", "无", "非", "未"]),
    st.integers(0, 9),
)
def test_match_negation_never_by_nearness(answer: str, negation: str, at: int) -> None:
    said = answer[:at] + negation + answer[at:]
    assert match(question(answer), said) is not RIGHT
    assert match(question(said), answer) is not RIGHT


@given(st.text(max_size=200))
def test_match_survives_anything(said: str) -> None:
    assert match(question("B", CHOICES), said) in Verdict
    assert match(question("存款保险"), said) in Verdict


@given(st.text(alphabet="存款保险ABab129%.万 ，。", max_size=30))
def test_normalise_ignores_width(text: str) -> None:
    wide = "".join(chr(ord(one) + 0xFEE0) if "!" <= one <= "~" else one for one in text)
    assert normalise(wide) == normalise(text)


@pytest.mark.parametrize(
    ("answer", "choices", "expected"),
    [
        ("B", ["甲", "乙"], 1),
        ("b", ["甲", "乙"], 1),
        ("乙", ["甲", "乙"], 1),
        ("A", ["B", "A"], 1),
        ("C", ["甲", "乙"], None),
        ("丙", ["甲", "乙"], None),
        ("甲", [], None),
    ],
)
def test_right_choice_by_letter_or_words(
    answer: str, choices: list[str], expected: int | None
) -> None:
    assert right_choice(question(answer, choices)) == expected


@pytest.mark.parametrize(
    ("answer", "choices", "problems"),
    [
        ("B", ["甲", "乙"], []),
        ("A", ["甲"], ["只有一个选项，至少要有两个"]),
        ("A", ["甲", "乙", "甲。"], ["有两个选项在忽略标点和繁简后相同"]),
        ("C", ["甲", "乙"], ["答案“C”既不是选项字母（AB），也不是选项原文"]),
        ("！", [], ["答案里没有文字或数字"]),
        (
            "A",
            ["甲" * 500, "乙"],
            ["题面和选项共 1506 字节，超过 1500，手机上读起来太长"],
        ),
    ],
)
def test_question_problems_named(answer: str, choices: list[str], problems: list[str]) -> None:
    assert question_problems(question(answer, choices)) == problems


def test_bank_problems_of_every_question() -> None:
    bank = Bank(bank="b", title="题", questions=[question("C", ["甲", "乙"]), question("好")])
    assert bank_problems(bank) == [
        "题目“q”：答案“C”既不是选项字母（AB），也不是选项原文",
        "题目“q”：编号重复",
    ]

"""Products that are named need the risk notice; those that are recommended need it more."""

from collections.abc import Callable

import pytest

from sop.compliance.finding import Finding
from sop.compliance.rules import check_text

Said = Callable[..., list[tuple[str, str, str]]]
RULE = "product.notice"


@pytest.mark.parametrize(
    ("text", "severity", "words"),
    [
        ("看懂一只理财产品，先看五处", "warning", "理财产品"),
        ("看懂一只理財產品", "warning", "理財產品"),
        ("货币基金的收益每天都在变", "warning", "货币基金"),
        ("购买理财产品前先看说明书", "warning", "理财产品"),
        ("不要购买看不懂的理财产品", "warning", "理财产品"),
        ("本周推荐一款理财产品", "error", "理财产品"),
        ("推荐大家购买这只基金", "error", "基金"),
        ("新基金上线，欢迎认购", "error", "基金"),
        ("大额存单开售", "error", "存单"),
        ("给孩子配置一份重疾险", "error", "重疾险"),
        ("先说理财产品。今天推荐基金", "error", "基金"),
    ],
)
def test_product_without_risk_notice(said: Said, text: str, severity: str, words: str) -> None:
    assert said(text, risk_notice=False) == [(RULE, severity, words)]


@pytest.mark.parametrize(
    "text",
    [
        "本周推荐一款理财产品",
        "看懂一只理财产品，先看五处",
    ],
)
def test_risk_notice_allows_it(said: Said, text: str) -> None:
    assert said(text, risk_notice=True) == []


@pytest.mark.parametrize(
    "text",
    [
        "固定支出（房贷、保险、学费）先留出来",
        "存款保险怎么赔",
        "公积金怎么取",
        "基金会的公益活动",
        "不需要购买任何理财产品",
        "理财要趁早，慢慢学",
        "大额存单受存款保险保障吗",
        "今天推荐一本书",
        "CPI 反映居民购买的消费品和服务价格的变动，理财要考虑它",
    ],
)
def test_what_is_no_product_here(said: Said, text: str) -> None:
    assert said(text, risk_notice=False) == []


def test_finding_says_what_to_write() -> None:
    assert check_text("推荐基金", risk_notice=False, path=("week", "monday", 0, "text")) == [
        Finding(
            rule="product.notice",
            severity="error",
            message="推荐“基金”，却没有风险提示。",
            hint=("请加上 risk_notice: true，文末会附风险提示；若只是顺带一提，也可换个说法。"),
            source=(
                "《广告法》第二十五条；"
                "《金融消费者权益保护实施办法》（中国人民银行令〔2020〕第5号）"
            ),
            span=(2, 4),
            path=("week", "monday", 0, "text"),
        )
    ]

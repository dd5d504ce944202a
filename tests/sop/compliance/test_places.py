"""A finding points at its words in the file, however the text is written there."""

import pytest

from sop.compliance.finding import place
from sop.compliance.rules import check_text
from sop.source import Position, parse


@pytest.mark.parametrize(
    ("yaml", "places"),
    [
        ("text: 这款保本\n", [Position(1, 9, 2)]),
        ('text: "这款保本"\n', [Position(1, 10, 2)]),
        ("text: |\n  早上好\n  这款保·本\n", [Position(3, 5, 3)]),
        ("text: |\n  保本，\n\n  还是保本\n", [Position(2, 3, 2), Position(4, 5, 2)]),
        ("text: >-\n  早上好，\n  这款稳赚不赔\n", [Position(3, 5, 4)]),
        ("text: 保本，真的保本\n", [Position(1, 7, 2), Position(1, 12, 2)]),
        ('text: "\\u4FDD本"\n', [Position(1, 7, 9)]),
    ],
)
def test_place_of_words(yaml: str, places: list[Position]) -> None:
    document = parse(yaml.encode(), "plan.yaml")
    node = document.node(("text",))
    assert node is not None
    findings = check_text(str(node.value), risk_notice=True, path=("text",))
    assert [place(document, one) for one in findings] == places


def test_place_of_a_whole_value() -> None:
    document = parse("rules:\n  - 一\n".encode(), "campaign.yaml")
    [finding] = check_text("保本", risk_notice=True, path=("rules", 7))
    assert place(document, finding) == Position(1, 1, 5)

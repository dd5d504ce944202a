"""The shipped library keeps the rules that it is judged by."""

from collections.abc import Iterator

from sop.campaign import Campaign
from sop.compliance.finding import Finding
from sop.compliance.rules import check_campaign, check_text
from sop.loader import SHIPPED, yaml_files
from sop.source import Key, Node, read


def texts(node: Node, path: tuple[Key, ...] = ()) -> Iterator[tuple[tuple[Key, ...], str, bool]]:
    """(path, text, whether the risk notice follows) of all that members read below a node.

    The choices of a question are left out: the wrong ones say what is not so.
    """
    if not isinstance(node.value, dict | list):
        return
    notice = node.child("risk_notice")
    children: list[tuple[Key, Node]] = (
        list(node.value.items()) if isinstance(node.value, dict) else list(enumerate(node.value))
    )
    for key, child in children:
        if isinstance(child.value, str):
            yield (*path, key), child.value, notice is not None and notice.value is True
        elif key != "choices":
            yield from texts(child, (*path, key))


def test_library_has_no_findings() -> None:
    found: dict[str, list[Finding]] = {}
    for path in yaml_files([SHIPPED]):
        root = read(path).root
        assert root is not None
        educational = root.child("bank") is not None
        for where, text, notice in texts(root):
            listed = check_text(text, risk_notice=notice or educational, path=where)
            if listed:
                found.setdefault(path.name, []).extend(listed)
        if root.child("campaign") is not None:
            campaign = check_campaign(Campaign.model_validate(root.plain()))
            if campaign:
                found.setdefault(path.name, []).extend(campaign)
    assert found == {}

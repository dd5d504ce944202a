"""Bytes from outside, of any shape: notifications, answers of a payer, lists of results."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.app import payer_types
from bot.http import Answer
from bot.payer import Failed, Forged, NeverSeen, Paid, Uncertain, Waiting
from bot.payout_list import Known, results
from bot.sheets import Cell, Sheet

CALM = settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner),
    max_leaves=10,
)
WORDS = st.sampled_from(["status", "paid", "failed", "error", "not_found", "state", "SUCCESS"])
ANSWERS = st.binary(max_size=200) | JSON.map(lambda one: json.dumps(one).encode())
ANSWERS |= st.dictionaries(WORDS, JSON | WORDS, max_size=4).map(
    lambda one: json.dumps(one).encode()
)
XML = st.text("<xml>/ab&;SUCCE!\x00", max_size=60).map(str.encode)


class Echo:
    """Stands where the client stands, and has the answer that was laid in."""

    def __init__(self) -> None:
        self.answer = Answer(200, b"")

    async def request(self, method: str, url: str, **more: Any) -> Answer:
        return self.answer


@pytest.fixture
def transfer(counter: Any) -> Any:
    """The payer that is notified."""
    return counter.payer("wechat_transfer")


@pytest.fixture(params=["marketing_platform", "wecom_redpacket", "wechat_transfer"])
def spoken_to(counter: Any, request: pytest.FixtureRequest) -> tuple[Any, Echo]:
    """A payer, and what it is answered."""
    echo: Any = Echo()
    return payer_types()[request.param](counter.settings(request.param), echo, counter.clock), echo


@CALM
@given(
    headers=st.dictionaries(
        st.sampled_from(["Wechatpay-Serial", "Wechatpay-Timestamp", "Wechatpay-Signature"]),
        st.text(max_size=40),
    ),
    body=ANSWERS,
)
def test_notification_of_a_stranger_is_forged(
    transfer: Any, headers: dict[str, str], body: bytes
) -> None:
    with pytest.raises(Forged):
        transfer.notified(headers, body)


@CALM
@given(body=ANSWERS)
def test_signed_body_of_any_shape_is_refused(counter: Any, transfer: Any, body: bytes) -> None:
    headers = counter.sandbox.transfer.signed(body)
    with pytest.raises(Forged):
        transfer.notified(headers, body)


@CALM
@given(status=st.sampled_from([200, 204, 400, 401, 404, 409, 422, 429, 500]), body=ANSWERS | XML)
async def test_answer_of_any_shape_is_an_outcome(
    spoken_to: tuple[Any, Echo], status: int, body: bytes
) -> None:
    """And WeChat Pay's is never more than unclear: it has no signature, or no number."""
    payer, echo = spoken_to
    echo.answer = Answer(status, body)
    outcome = await payer.query("QY1")
    assert isinstance(outcome, Paid | Failed | Uncertain | Waiting | NeverSeen)
    assert payer.name == "marketing_platform" or isinstance(outcome, Uncertain)


@CALM
@given(st.lists(st.lists(st.text(max_size=12), max_size=9), max_size=6))
def test_list_of_any_shape_has_results_or_problems(rows: list[list[str]]) -> None:
    head = ["单号", "金额", "结果", "备注"]
    table = [
        tuple(Cell(number, column, text) for column, text in enumerate(row, 1))
        for number, row in enumerate([head, *rows], 1)
    ]
    found, problems = results([Sheet("", table)], {"QY1": Known(188, "listed")})
    assert (bool(found), bool(problems)) in ((True, False), (False, True))

"""The gate in config.yaml: what is wrong with it, and its secret."""

from pathlib import Path
from typing import Any

import pytest

from bot.config import Config
from bot.gate_settings import wrong_gate
from bot.settings import Missing, settings
from tests.house import CONFIG, SECRETS

URL = "https://pay.bank.example/qunyun"


@pytest.mark.parametrize(
    ("url", "right"),
    [
        (URL, True),
        ("http://127.0.0.1:8080/marketing", True),
        ("http://pay.bank.example/qunyun", False),
        ("https://pay.bank.example/q?key=1", False),
        ("https://me:pw@pay.bank.example", False),
        ("pay.bank.example", False),
        ("https://[", False),
    ],
)
def test_address_is_https_or_this_machine(url: str, right: bool) -> None:
    told = (
        []
        if right
        else [(("gate", "url"), "要写成 https://主机名/路径（只有本机地址可以用 http）")]
    )
    assert list(wrong_gate({"url": url})) == told


@pytest.mark.parametrize("timeout", ["9s", "1m"])
def test_gate_may_not_take_the_time_of_a_welcome(timeout: str) -> None:
    with pytest.raises(ValueError, match="等得太久"):
        Config.model_validate({**CONFIG, "gate": {"url": URL, "timeout": timeout}})


def test_gate_wants_its_secret() -> None:
    given: dict[str, Any] = {**CONFIG, "gate": {"url": f"{URL}/"}}
    config = Config.model_validate(given)
    with pytest.raises(Missing, match="QUNYUN_GATE_SECRET"):
        settings(config, SECRETS, Path("/nowhere"))
    chosen = settings(config, {**SECRETS, "QUNYUN_GATE_SECRET": "g"}, Path("/nowhere"))
    assert chosen.gate is not None
    assert (chosen.gate.url, chosen.gate.secret) == (URL, "g")
    assert "secret" not in repr(chosen.gate)

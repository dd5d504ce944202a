"""The stand-alone verifier agrees with the program, and finds every change."""

import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import sop.draws.verify
from sop.draws.commitment import commit, evidence, rules_hash
from sop.draws.deck import Cards, build
from sop.draws.verify import verify

SEED = bytes(range(32))
CARDS = [("红包 8.88 元", 888, 1), ("红包 1.88 元", 188, 3), ("红包 0.88 元", 88, 6)]
RULES = {"campaign": "join-hook", "title": "入群有礼"}


def round_of(cards: Cards, seed: bytes, drawn: int, rules: Any = RULES) -> dict[str, Any]:
    """The evidence of an honest round, as it is read back from its file."""
    deck = build(cards, seed)
    value = evidence(
        campaign="join-hook",
        round="standing",
        rules=rules,
        seed=seed,
        cards=cards,
        commitment=commit(
            campaign="join-hook",
            round="standing",
            rules_hash=rules_hash(rules),
            seed=seed,
            cards=cards,
        ),
        draws=[(place, f"张*{place}", deck[place]) for place in range(min(drawn, len(deck)))],
    )
    parsed: dict[str, Any] = json.loads(json.dumps(value, ensure_ascii=False))
    return parsed


def test_verify_honest_round() -> None:
    assert verify(round_of(CARDS, SEED, 4)) == []


@given(
    st.lists(
        st.tuples(st.text(max_size=5), st.integers(0, 1000), st.integers(1, 30)),
        min_size=1,
        max_size=5,
    ),
    st.binary(min_size=32, max_size=32),
    st.integers(0, 20),
)
def test_verify_any_honest_round(cards: list[tuple[str, int, int]], seed: bytes, n: int) -> None:
    assert verify(round_of(cards, seed, n)) == []


def _set(*path: str | int, to: Any) -> Callable[[Any], None]:
    def change(value: Any) -> None:
        for key in path[:-1]:
            value = value[key]
        value[path[-1]] = to

    return change


BROKEN = "承诺值不符：种子、活动、场次、规则或牌堆与开奖前公布的不一致"


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        (_set("campaign", to="other"), [BROKEN]),
        (_set("round", to="other"), [BROKEN]),
        (_set("commitment", to="0" * 64), [BROKEN]),
        (_set("deck", 0, "amount_fen", to=8888), [BROKEN]),
        (_set("rules", "title", to="改过的标题"), ["规则与规则哈希不符：规则被改动过"]),
        (
            _set("draws", 1, "amount_fen", to=888),
            ["位置 1 应为“红包 0.88 元”88 分，记录却是“红包 0.88 元”888 分"],
        ),
        (
            _set("draws", 1, "position", to=4),
            ["抽出的位置不是从 0 起逐张相连，有缺漏或重复"],
        ),
        (
            _set("draws", 3, "position", to=10),
            ["抽出的位置不是从 0 起逐张相连，有缺漏或重复", "位置 10 超出牌堆（共 10 张）"],
        ),
        (_set("format", to="other"), ["这不是 qunyun-evidence-1 格式的证据文件"]),
        (_set("seed", to=7), ["缺少 seed"]),
        (_set("seed", to="zz"), ["seed 不是 64 位小写十六进制"]),
        (_set("deck", to=[{"prize": "x"}]), ["deck 不是 {prize, amount_fen, count} 的列表"]),
        (_set("deck", 0, "count", to=True), ["deck 不是 {prize, amount_fen, count} 的列表"]),
        (_set("deck", 0, "count", to=10**12), ["牌堆不在 1 到 1000000 张之间"]),
        (_set("draws", to=None), ["draws 不是带 position 的列表"]),
    ],
)
def test_verify_changed_evidence(change: Callable[[Any], None], problems: list[str]) -> None:
    value = round_of(CARDS, SEED, 4)
    change(value)
    assert verify(value) == problems


def test_verify_another_seed_is_found_by_commitment_and_draws() -> None:
    value = round_of(CARDS, SEED, 10)
    value["seed"] = "ff" * 32
    assert verify(value)[0] == BROKEN
    assert len(verify(value)) > 1


_json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=8,
)


@given(_json)
def test_verify_anything_else_is_no_evidence(value: Any) -> None:
    assert verify(value) == ["这不是 qunyun-evidence-1 格式的证据文件"]


@given(st.sampled_from(sorted(round_of(CARDS, SEED, 3))), _json)
def test_verify_never_raises(key: str, value: Any) -> None:
    assert isinstance(verify(round_of(CARDS, SEED, 3) | {key: value}), list)


@pytest.mark.parametrize(
    ("seed", "code", "printed"),
    [
        ("00", 1, "seed 不是 64 位小写十六进制\n"),
        (SEED.hex(), 0, "证据无误：种子、承诺值、牌堆与每一次抽奖都对得上。\n"),
    ],
)
def test_verify_as_a_program_of_its_own(tmp_path: Path, seed: str, code: int, printed: str) -> None:
    copy = tmp_path / "verify.py"
    copy.write_bytes(Path(str(sop.draws.verify.__file__)).read_bytes())
    done = subprocess.run(
        [sys.executable, "-I", str(copy)],
        input=json.dumps(round_of(CARDS, SEED, 4) | {"seed": seed}),
        capture_output=True,
        encoding="utf-8",
        cwd=tmp_path,
        check=False,
        env={"PYTHONUTF8": "1"},
    )
    assert (done.returncode, done.stdout, done.stderr) == (code, printed, "")

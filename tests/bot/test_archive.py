"""The archive of a closed round: what it holds, that no change goes unseen, that nothing it is made
of is ever deleted."""

import hashlib
import io
import json
import re
import zipfile
from collections.abc import AsyncIterator, Callable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from bot.archive import BadKey, check, public_of, sealed, signing_key
from bot.desk import Refused
from bot.doctor import _archive
from bot.housekeeping import Housekeeping
from sop.draws.verify import verify
from storage import draws, erasing, payouts
from storage.books import wrong
from storage.deck_values import DeckRow
from storage.types import order_number
from tests.house import House
from tests.real_rounds import MEMBERS, NAMES, draw_and_enter, friday, reopened, weekend
from tests.terminal import Run

KEY = signing_key("11" * 32)
PUBLIC = "d04ab232742bb4ab3a1368bd4615e4e6d0224ab71a016baf8520a332c9778737"
INSTANT, RAFFLE = 1, 2
KEPT = ("deck", "card", "draw", "entrant", "deck_log", "award", "payout", "ledger", "budget")
ROOT = Path(__file__).parents[2]

Bundle = dict[str, bytes]


@pytest.fixture
async def house(tmp_path: Path, weekend_file: bytes) -> AsyncIterator[House]:
    """Saturday evening: both rounds are over."""
    path = tmp_path / "qunyun.db"
    path.write_bytes(weekend_file)
    async with reopened(f"sqlite:///{path}") as one:
        yield one


async def sealed_by(house: House, deck: int) -> bytes:
    return await house.database.read(lambda tx: sealed(tx, deck, KEY, house.clock.now()))


def unzipped(bundle: bytes) -> Bundle:
    with zipfile.ZipFile(io.BytesIO(bundle)) as opened:
        return {name: opened.read(name) for name in opened.namelist()}


def zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as bundle:
        for name, body in files.items():
            bundle.writestr(name, body)
    return out.getvalue()


def resigned(files: Bundle) -> Bundle:
    """What a dishonest signer could do: every hash and the signature made anew."""
    manifest = json.loads(files["manifest.json"])
    manifest["files"] = {
        name: hashlib.sha256(body).hexdigest()
        for name, body in files.items()
        if not name.startswith("manifest.")
    }
    body = json.dumps(manifest).encode()
    return files | {"manifest.json": body, "manifest.sig": KEY.sign(body).hex().encode()}


@pytest.mark.parametrize(
    ("deck", "more"), [(INSTANT, ["rules/amended-1.json"]), (RAFFLE, [])], ids=["instant", "raffle"]
)
async def test_archive_holds_everything(house: House, deck: int, more: list[str]) -> None:
    bundle = await sealed_by(house, deck)
    assert check(bundle, PUBLIC) == []
    files = unzipped(bundle)
    assert list(files) == [
        "README.txt", "evidence.json", "rules/published.json", *more, "notices.json",
        "winners.json", "payouts.json", "manifest.json", "manifest.sig",
    ]  # fmt: skip
    assert verify(json.loads(files["evidence.json"])) == []


def joined_by(member: str, limit: int) -> Callable[[Any], list[DeckRow]]:
    return lambda tx: draws.joined_by(tx, member, limit)


async def test_archive_and_receipts_over_each_database(database_url: str) -> None:
    async with weekend(database_url) as house:
        for deck, notices in ((INSTANT, 3), (RAFFLE, 3)):
            bundle = await sealed_by(house, deck)
            assert check(bundle, PUBLIC) == []
            assert len(json.loads(unzipped(bundle)["notices.json"])) == notices
        joined = [
            [row.id for row in await house.database.read(joined_by(MEMBERS[member], limit))]
            for member, limit in ((0, 3), (0, 1), (4, 3), (6, 3))
        ]
        assert joined == [[RAFFLE, INSTANT], [RAFFLE], [RAFFLE], []]


async def test_manifest_says_what_and_until_when(house: House) -> None:
    files = unzipped(await sealed_by(house, RAFFLE))
    manifest = json.loads(files["manifest.json"])
    ((commitment,),) = await house.rows("SELECT commitment FROM deck WHERE id = 2")
    hashes = manifest.pop("files")
    assert manifest == {
        "format": "qunyun-archive-1",
        "deck": 2,
        "campaign": "raffle",
        "round": "2026-11-27",
        "community": "first",
        "commitment": commitment,
        "opened_at": "2026-11-27T12:00:00Z",
        "closed_at": "2026-11-28T13:40:00Z",
        "close_reason": "已开奖",
        "exported_at": "2026-11-28T13:40:00Z",
        "keep_until": "2028-11-28",
        "public_key": PUBLIC,
    }
    assert hashes == {
        name: hashlib.sha256(body).hexdigest()
        for name, body in files.items()
        if not name.startswith("manifest.")
    }


async def test_archive_holds_the_notices_of_this_round_alone(house: House) -> None:
    await house.say("wang", "验奖 2", None)  # a colleague's answer is no notice
    texts = {}
    for deck in (INSTANT, RAFFLE):
        notices = json.loads(unzipped(await sealed_by(house, deck))["notices.json"])
        assert {one["group"] for one in notices} == {"first"}
        texts[deck] = [one["text"].split("\n")[0] for one in notices]
    assert texts == {
        INSTANT: ["**🎁 周五节**", "**周五节·规则更新**", "**周五节·本期结束**"],
        RAFFLE: ["**🎁 周末大奖**", "**周末大奖·报名截止**", "**周末大奖·本期结束**"],
    }


async def test_archive_tells_winners_by_code_and_what_they_got(house: House) -> None:
    (first, *_) = await house.database.read(lambda tx: draws.of(tx, RAFFLE))
    order = order_number(draws.award_key(RAFFLE, first.member, 1))
    files = unzipped(await sealed_by(house, RAFFLE))
    winners, due = json.loads(files["winners.json"]), json.loads(files["payouts.json"])
    assert winners[0] == {
        "position": 0,
        "code": first.code,
        "receipt": first.receipt,
        "kind": "cash",
        "prize": first.prize,
        "amount_fen": first.amount_fen,
        "points": 0,
        "drawn_at": "2026-11-28T13:40:00Z",
    }
    assert due[0] == {
        "position": 0,
        "code": first.code,
        "order_no": order,
        "replaces": None,
        "kind": "cash",
        "amount_fen": first.amount_fen,
        "points": 0,
        "status": "held",
        "payable_on": "2026-12-04",
        "claim_by": due[0]["claim_by"],
        "approved_by": None,
        "approved_at": None,
        "submitted_at": None,
        "finished_at": None,
    }
    assert (len(winners), len(due)) == (3, 3)


async def test_archive_follows_a_prize_given_once_more(house: House) -> None:
    now = house.clock.now()
    (first, *_) = await house.database.read(lambda tx: draws.of(tx, RAFFLE))
    order = order_number(draws.award_key(RAFFLE, first.member, 1))

    def fail_and_repeat(tx: Any) -> str:
        payouts.expire(tx, order, "没有领取", now)
        again = payouts.reissue(tx, order, "li", now.date(), timedelta(days=30), now)
        return again.order_no

    again = await house.database.write(fail_and_repeat)
    bundle = await sealed_by(house, RAFFLE)
    assert check(bundle, PUBLIC) == []
    told = json.loads(unzipped(bundle)["payouts.json"])
    assert [(one["order_no"], one["replaces"], one["status"]) for one in told[:2]] == [
        (order, None, "expired"),
        (again, order, "due"),
    ]
    assert len(told) == 4


@pytest.mark.parametrize("deck", [INSTANT, RAFFLE])
async def test_archive_names_nobody(house: House, deck: int) -> None:
    whole = b"".join(unzipped(await sealed_by(house, deck)).values()).decode()
    assert [one for one in (*MEMBERS, *NAMES.values(), "wmREAL", "王小") if one in whole] == []


async def test_archive_is_the_same_bytes_at_the_same_instant(house: House) -> None:
    assert await sealed_by(house, INSTANT) == await sealed_by(house, INSTANT)


async def test_archive_of_an_open_round_is_refused(sqlite_url: str) -> None:
    async with friday(sqlite_url) as house:
        await draw_and_enter(house)
        with pytest.raises(Refused, match="1 号奖池还没有结束"):
            await sealed_by(house, INSTANT)


@pytest.mark.parametrize(
    ("change", "problems"),
    [
        ({"winners.json": b"[]"}, ["winners.json 被改动过"]),
        ({"more.txt": b""}, ["多出了清单里没有的 more.txt"]),
        ({"payouts.json": None}, ["缺少 payouts.json", "证据、中奖记录或发奖记录读不出来"]),
        ({"manifest.json": b"{}"}, ["签名不对：清单被改动过，或不是这把钥匙签的"]),
        ({"manifest.sig": b"zz"}, ["签名不对：清单被改动过，或不是这把钥匙签的"]),
        ({"manifest.sig": b"\xff"}, ["签名不对：清单被改动过，或不是这把钥匙签的"]),
        ({"manifest.sig": None}, ["缺少 manifest.json 或 manifest.sig"]),
    ],
    ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
)
async def test_changed_archive_is_seen(
    house: House, change: Mapping[str, bytes | None], problems: list[str]
) -> None:
    files = {**unzipped(await sealed_by(house, INSTANT)), **change}
    found = check(zipped({name: body for name, body in files.items() if body is not None}), PUBLIC)
    assert [one for one in found if not one.startswith("中奖记录")] == problems


@pytest.mark.parametrize(
    ("name", "change", "problem"),
    [
        (
            "evidence.json",
            lambda value: value.update(seed="ab" * 32),
            "证据有误（承诺值对得上）：",
        ),
        ("winners.json", lambda value: value[0].update(code="0" * 16), "中奖记录与证据不一致"),
        ("winners.json", lambda value: value.pop(), "中奖记录与证据不一致"),
        ("payouts.json", lambda value: value[0].update(amount_fen=1), "发奖记录与证据不一致"),
        ("payouts.json", lambda value: value.pop(), "发奖记录与证据不一致"),
        ("payouts.json", lambda value: value.insert(0, 7), "证据、中奖记录或发奖记录读不出来"),
    ],
)
async def test_signed_untruth_is_seen(
    house: House, name: str, change: Callable[[Any], None], problem: str
) -> None:
    files = unzipped(await sealed_by(house, INSTANT))
    value = json.loads(files[name])
    change(value)
    found = check(zipped(resigned(files | {name: json.dumps(value).encode()})), PUBLIC)
    assert found[0].startswith(problem)


@pytest.mark.parametrize(
    ("bundle", "problem"),
    [
        (b"", "这不是完好的 zip 文件"),
        (b"PK\x03\x04" + bytes(40), "这不是完好的 zip 文件"),
        (zipped({}), "缺少 manifest.json 或 manifest.sig"),
        (zipped({str(number): b"" for number in range(1001)}), "文件太多，或有重名"),
    ],
)
def test_what_is_no_archive(bundle: bytes, problem: str) -> None:
    assert check(bundle, PUBLIC) == [problem]


def test_zip_bomb_is_not_unpacked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.archive._MOST_BYTES", 1 << 20)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("zeros", bytes(2 << 20))
    assert check(out.getvalue(), PUBLIC) == ["解开后超过 1 MB"]


async def test_flipped_byte_is_seen_or_means_nothing(house: House) -> None:
    bundle = await sealed_by(house, RAFFLE)
    before = unzipped(bundle)
    unseen = []
    for place in range(0, len(bundle), 7):
        flipped = bytearray(bundle)
        flipped[place] ^= 0x41
        if check(bytes(flipped), PUBLIC) == []:
            unseen.append(unzipped(bytes(flipped)))
    assert all(files == before for files in unseen)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (
            "",
            "没有签名的密钥：请用 openssl rand -hex 32 生成，写进环境变量 QUNYUN_ARCHIVE_KEY。",
        ),
        ("abc", "QUNYUN_ARCHIVE_KEY 必须是 64 位十六进制。"),
        ("zz" * 32, "QUNYUN_ARCHIVE_KEY 必须是 64 位十六进制。"),
    ],
)
def test_no_key_to_sign_with(text: str, problem: str) -> None:
    with pytest.raises(BadKey) as caught:
        signing_key(text)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        (
            "",
            (True, "抽奖档案：要导出签名的档案，先用 openssl rand -hex 32 设好 QUNYUN_ARCHIVE_KEY"),
        ),
        ("11" * 32, (True, f"抽奖档案：签名的公钥是 {PUBLIC}")),
        ("11", (False, "抽奖档案：QUNYUN_ARCHIVE_KEY 必须是 64 位十六进制。")),
    ],
)
def test_doctor_looks_at_the_key(
    monkeypatch: pytest.MonkeyPatch, text: str, finding: tuple[bool, str]
) -> None:
    monkeypatch.setenv("QUNYUN_ARCHIVE_KEY", text)
    assert _archive() == finding


def test_public_key_is_the_one_of_rfc_8032() -> None:
    secret = "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"
    public = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"
    assert public_of(signing_key(f" {secret}\n")) == public


def test_archive_of_another_signer_is_refused() -> None:
    with pytest.raises(BadKey, match="公钥必须是 64 位十六进制。"):
        check(b"", "abc")


# --- kept for two years ----------------------------------------------------------------------


async def everything(house: House) -> dict[str, list[tuple[Any, ...]]]:
    return {name: sorted(await house.rows(f"SELECT * FROM {name}"), key=str) for name in KEPT}


async def test_nothing_is_forgotten_in_three_years(house: House) -> None:
    """Payouts go their way meanwhile; no row of the others changes or goes."""
    before = await everything(house)
    bundle = unzipped(await sealed_by(house, INSTANT))
    for _ in range(3):
        await house.clock.advance_to(house.clock.now() + timedelta(days=366))
        await Housekeeping(house.database, house.clock).look()
    after = await everything(house)
    assert after == before
    evidence = unzipped(await sealed_by(house, INSTANT))["evidence.json"]
    assert evidence == bundle["evidence.json"]


@pytest.mark.parametrize("deck", [INSTANT, RAFFLE])
async def test_archive_is_the_same_after_everybody_in_it_was_erased(
    house: House, deck: int
) -> None:
    before = unzipped(await sealed_by(house, deck))

    def erase(tx: Any) -> None:
        for number, (member, name) in enumerate(NAMES.items()):
            pseudonym, now = f"qy-{number:024x}", house.clock.now()
            erasing.erase(tx, member, [name], pseudonym, "wang", "本人要求", now)

    await house.database.write(erase)
    bundle = await sealed_by(house, deck)
    after = unzipped(bundle)
    changed = {
        name for name in before if not name.startswith("manifest") and after[name] != before[name]
    }
    traces = [one for one in (*NAMES, *NAMES.values()) if one.encode() in b"".join(after.values())]
    assert (check(bundle, PUBLIC), changed, traces) == ([], set(), [])
    assert await house.database.read(wrong) == []


def test_no_statement_deletes_what_must_be_kept() -> None:
    """Every DELETE of the storage names its table through a variable made by `table(Class)`."""
    classes = {"".join(part.title() for part in name.split("_")) for name in KEPT}
    found = []
    for path in sorted((ROOT / "storage").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        tables = dict(re.findall(r"^(_\w+) = table\((\w+)\)", text, flags=re.M))
        for name in re.findall(r"\bdelete\((\w+)", text):
            if tables.get(name, name).removesuffix("Table") in classes:
                found.append(f"{path.name}: {name}")
    assert found == []


# --- the terminal ----------------------------------------------------------------------------


def test_archive_in_the_terminal(
    weekend_file: bytes, qunyun: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    Path("qunyun.db").write_bytes(weekend_file)
    qunyun("init", ".")
    config = Path("config.yaml").read_text(encoding="utf-8")
    config = config.replace("sqlite:///data/qunyun.db", "sqlite:///qunyun.db")
    Path("config.yaml").write_text(config, encoding="utf-8")
    monkeypatch.delenv("QUNYUN_ARCHIVE_KEY", raising=False)
    make = ("campaign", "archive", "1", "--out", "one.zip")
    assert qunyun(*make) == (
        1,
        "",
        "没有签名的密钥：请用 openssl rand -hex 32 生成，写进环境变量 QUNYUN_ARCHIVE_KEY。\n",
    )
    monkeypatch.setenv("QUNYUN_ARCHIVE_KEY", "11" * 32)
    assert qunyun(*make) == (
        0,
        "写好了 one.zip\n"
        f"公钥 {PUBLIC}（请另外保存，验证时要用）\n"
        f"验证：qunyun campaign verify-archive one.zip --key {PUBLIC}\n",
        "",
    )
    assert Path("one.zip").stat().st_mode & 0o777 == 0o600
    assert qunyun("campaign", "verify-archive", "one.zip", "--key", PUBLIC) == (
        0,
        "✅ 签名、每个文件和里面的证据都对得上。\n",
        "",
    )
    assert qunyun("campaign", "verify-archive", "one.zip", "--key", "22" * 32) == (
        1,
        "",
        "❌ 签名不对：清单被改动过，或不是这把钥匙签的\n",
    )
    assert qunyun("campaign", "verify-archive", "one.zip", "--key", "2") == (
        1,
        "",
        "公钥必须是 64 位十六进制。\n",
    )
    assert qunyun("campaign", "verify-archive", "none.zip", "--key", PUBLIC) == (
        1,
        "",
        "没有这个文件：none.zip\n",
    )
    assert qunyun("campaign", "archive", "9", "--out", "nine.zip") == (
        1,
        "",
        "没有 9 号奖池，请看 qunyun campaign list\n",
    )

"""The archive of a closed round: one file that tells a supervisor everything, signed.

规范促销行为暂行规定 asks for rules, notices, claim results and winners to be kept for two years.
The bundle is a zip with `evidence.json`, the rules, the notices as they were posted, the winners,
the payouts, and `manifest.json` with the SHA-256 of each; `manifest.sig` is an Ed25519 signature
of the manifest. Winners appear under their codes only: no name, no member id, so that erasing a
member leaves the archive as it is. The rows themselves (decks, cards, draws, entrants, logs,
awards, ledger, payouts) are never deleted by the service.

The same rows and instant give the same bytes.
"""

import hashlib
import json
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from io import BytesIO
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from sqlalchemy import Connection

from bot.evidence import closed_deck, evidence_of
from sop.draws.verify import CHECKS, read, verify
from storage import draws, money, outbox, payout_rows
from storage.deck_values import DeckRow, DrawRow
from storage.payout_rows import PayoutRow

FORMAT = "qunyun-archive-1"
KEY_VARIABLE = "QUNYUN_ARCHIVE_KEY"
KEEP_YEARS = 2
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
_TO_GROUPS = ("group_robot", "aibot_push", "assist", "group_task")
_MOST_FILES = 1000
_MOST_BYTES = 256 << 20
_EPOCH = (1980, 1, 1, 0, 0, 0)
"""The earliest instant that a zip can name: when a file was made is in the manifest."""

_README = """\
群运抽奖档案

evidence.json       证据文件：不相信主办方也能验证，qunyun draw verify evidence.json
rules/published.json  开始时公示的规则
rules/amended-N.json  第 N 次有利于成员的变更之后的规则
notices.json        发到群里的公示、变更、封存和结果
winners.json        中奖记录，只有凭证，没有姓名
payouts.json        每份奖品的单号、金额、状态和日期
manifest.json       以上各文件的 SHA-256
manifest.sig        对 manifest.json 的 Ed25519 签名

验证：qunyun campaign verify-archive 本文件 --key 公钥
《规范促销行为暂行规定》要求保存两年以上，见 manifest.json 的 keep_until。
"""


class BadKey(Exception):
    """No key that can sign or check; the text says what to do, in Chinese."""


def signing_key(text: str) -> Ed25519PrivateKey:
    """The private key from 64 hex digits. Raises BadKey."""
    if not text:
        raise BadKey(
            f"没有签名的密钥：请用 openssl rand -hex 32 生成，写进环境变量 {KEY_VARIABLE}。"
        )
    return Ed25519PrivateKey.from_private_bytes(_hex(text, f"{KEY_VARIABLE} "))


def public_of(key: Ed25519PrivateKey) -> str:
    """The public key as it is printed: 64 hex digits."""
    return key.public_key().public_bytes_raw().hex()


def _hex(text: str, what: str) -> bytes:
    try:
        raw = bytes.fromhex(text.strip())
    except ValueError:
        raw = b""
    if len(raw) != 32:
        raise BadKey(f"{what}必须是 64 位十六进制。")
    return raw


# --- making one ------------------------------------------------------------------------------


def sealed(tx: Connection, number: int, key: Ed25519PrivateKey, now: datetime) -> bytes:
    """The signed bundle of a closed deck. Raises `bot.desk.Refused`."""
    row = closed_deck(tx, number)
    files = _files(tx, row)
    manifest = _json(
        {
            "format": FORMAT,
            "deck": row.id,
            "campaign": row.campaign,
            "round": row.round,
            "community": row.community,
            "commitment": row.commitment,
            "opened_at": _time(row.opened_at),
            "closed_at": _time(row.closed_at),
            "close_reason": row.close_reason,
            "exported_at": _time(now),
            "keep_until": _keep_until(row.closed_at or now).isoformat(),
            "public_key": public_of(key),
            "files": {name: hashlib.sha256(body).hexdigest() for name, body in files.items()},
        }
    )
    signature = f"{key.sign(manifest).hex()}\n".encode()
    return _zipped(files | {MANIFEST: manifest, SIGNATURE: signature})


def _files(tx: Connection, row: DeckRow) -> dict[str, bytes]:
    evidence = evidence_of(tx, row)
    amended = [one["rules"] for one in evidence["log"] if one["type"] == "amendment"]
    drawn = draws.of(tx, row.id)
    return {
        "README.txt": _README.encode(),
        "evidence.json": _json(evidence),
        "rules/published.json": _json(evidence["rules"]),
        **{f"rules/amended-{n}.json": _json(one) for n, one in enumerate(amended, start=1)},
        "notices.json": _json(_notices(tx, row, evidence["log"])),
        "winners.json": _json([_winner(one) for one in drawn]),
        "payouts.json": _json(list(_payouts(tx, row, drawn))),
    }


def _notices(
    tx: Connection, row: DeckRow, log: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """What the groups were told: every public text of a round holds one of its hashes."""
    marks = {row.commitment}
    for number, entry in enumerate(log):
        if entry["type"] == "freeze":
            marks.add(entry["entrants_hash"])
        if entry["type"] == "amendment" and number + 1 < len(log):
            marks.add(log[number + 1]["previous"])
    return [
        {
            "owed_at": _time(one.created_at),
            "settled_at": _time(one.finished_at),
            "status": one.status,
            "channel": one.channel,
            "group": one.target.get("community") or one.target.get("chat_id", ""),
            "text": one.body.get("markdown", ""),
        }
        for one in outbox.mentioning(tx, sorted(marks), _TO_GROUPS)
    ]


def _winner(one: DrawRow) -> dict[str, Any]:
    return {
        "position": one.position,
        "code": one.code,
        "receipt": one.receipt,
        "kind": one.kind,
        "prize": one.prize,
        "amount_fen": one.amount_fen,
        "points": one.points,
        "drawn_at": _time(one.drawn_at),
    }


def _payouts(tx: Connection, row: DeckRow, drawn: Sequence[DrawRow]) -> Iterator[dict[str, Any]]:
    """Every prize with what became of it; one given once more follows the one that failed."""
    of_source = payout_rows.listing(tx, source=row.campaign)
    known = {one.order_no: one for one in of_source}
    numbers = money.numbers(tx, row.campaign)
    again = {one.replaces: one for one in of_source if one.replaces}
    for one in drawn:
        # Not computed from the key: who was erased stands in it under another name.
        number = numbers.get(draws.award_key(row.id, one.member, one.number), "")
        payout = known.get(number)
        while payout is not None:
            yield _payout(one, payout)
            payout = again.get(payout.order_no)


def _payout(drawn: DrawRow, payout: PayoutRow) -> dict[str, Any]:
    return {
        "position": drawn.position,
        "code": drawn.code,
        "order_no": payout.order_no,
        "replaces": payout.replaces,
        "kind": payout.kind,
        "amount_fen": payout.amount_fen,
        "points": payout.points,
        "status": payout.status,
        "payable_on": payout.payable_on.isoformat(),
        "claim_by": None if payout.claim_by is None else payout.claim_by.isoformat(),
        "approved_by": payout.approved_by,
        "approved_at": _time(payout.approved_at),
        "submitted_at": _time(payout.submitted_at),
        "finished_at": _time(payout.finished_at),
    }


def _keep_until(closed_at: datetime) -> date:
    day = closed_at.date()
    try:
        return day.replace(year=day.year + KEEP_YEARS)
    except ValueError:  # 29 February
        return date(day.year + KEEP_YEARS, 3, 1)


def _time(at: datetime | None) -> str | None:
    return None if at is None else f"{at:%Y-%m-%dT%H:%M:%SZ}"


def _json(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=1) + "\n").encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
        for name, body in files.items():
            info = zipfile.ZipInfo(name, _EPOCH)
            info.compress_type = zipfile.ZIP_DEFLATED
            info.create_system = 3
            info.external_attr = 0o644 << 16
            bundle.writestr(info, body)
    return out.getvalue()


# --- checking one ----------------------------------------------------------------------------


def check(bundle: bytes, public_key: str) -> list[str]:
    """Everything that is wrong with a bundle, in Chinese; empty when it is as it was signed and
    its evidence holds. Raises BadKey for a key that is none."""
    key = Ed25519PublicKey.from_public_bytes(_hex(public_key, "公钥"))
    try:
        files = _unzipped(bundle)
        manifest = _signed(files, key)
        return [*_changed(files, manifest), *_untrue(files)]
    except _Broken as error:
        return [str(error)]


class _Broken(Exception):
    """Nothing more can be checked."""


def _unzipped(bundle: bytes) -> dict[str, bytes]:
    """The files, at most so many bytes of them, whatever the zip says of itself."""
    try:
        with zipfile.ZipFile(BytesIO(bundle)) as opened:
            names = opened.namelist()
            if len(names) > _MOST_FILES or len(set(names)) != len(names):
                raise _Broken("文件太多，或有重名")
            files = {}
            room = _MOST_BYTES
            for name in names:
                with opened.open(name) as one:
                    files[name] = one.read(room + 1)
                room -= len(files[name])
                if room < 0:
                    raise _Broken(f"解开后超过 {_MOST_BYTES >> 20} MB")
            return files
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError) as error:
        raise _Broken("这不是完好的 zip 文件") from error
    except (NotImplementedError, RuntimeError, ValueError) as error:
        raise _Broken("zip 里有加密或不认识的内容") from error


def _signed(files: Mapping[str, bytes], key: Ed25519PublicKey) -> dict[str, Any]:
    """The manifest, whose signature is right."""
    if MANIFEST not in files or SIGNATURE not in files:
        raise _Broken(f"缺少 {MANIFEST} 或 {SIGNATURE}")
    try:
        key.verify(bytes.fromhex(files[SIGNATURE].decode("ascii").strip()), files[MANIFEST])
    except (ValueError, InvalidSignature):
        raise _Broken("签名不对：清单被改动过，或不是这把钥匙签的") from None
    manifest = json.loads(files[MANIFEST])
    if manifest["format"] != FORMAT:
        raise _Broken(f"这不是 {FORMAT} 格式的档案")
    signed: dict[str, Any] = manifest
    return signed


def _changed(files: Mapping[str, bytes], manifest: Mapping[str, Any]) -> Iterator[str]:
    listed: dict[str, str] = manifest["files"]
    there = files.keys() - {MANIFEST, SIGNATURE}
    yield from (f"缺少 {name}" for name in sorted(listed.keys() - there))
    yield from (f"多出了清单里没有的 {name}" for name in sorted(there - listed.keys()))
    for name in sorted(there & listed.keys()):
        if hashlib.sha256(files[name]).hexdigest() != listed[name]:
            yield f"{name} 被改动过"


def _untrue(files: Mapping[str, bytes]) -> Iterator[str]:
    """Whether what the signer put in is true: the evidence holds, and the lists agree with it."""
    try:
        evidence = read(files["evidence.json"])
        problems = verify(evidence)
        yield from (f"证据有误（{CHECKS[check]}）：{text}" for check, text in problems)
        if not problems:
            yield from _disagreeing(evidence, files)
    except (LookupError, TypeError, AttributeError, ValueError):
        yield "证据、中奖记录或发奖记录读不出来"


def _disagreeing(evidence: Mapping[str, Any], files: Mapping[str, bytes]) -> Iterator[str]:
    told = ("position", "code", "kind", "prize", "amount_fen", "points")
    due = ("code", "amount_fen", "points")
    drawn = [entry for entry in evidence["log"] if entry["type"] == "draw"]
    winners, payouts = read(files["winners.json"]), read(files["payouts.json"])
    if [[one[key] for key in told] for one in winners] != [
        [one[key] for key in told] for one in drawn
    ]:
        yield "中奖记录与证据不一致"
    if {one["position"]: [one[key] for key in due] for one in payouts} != {
        one["position"]: [one[key] for key in due] for one in drawn
    }:
        yield "发奖记录与证据不一致"

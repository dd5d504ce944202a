"""`qunyun report --raw`: the rows behind a week, for an analyst; a zip of CSV or Parquet files.

CSV is UTF-8 with BOM, so that Excel reads it, and no cell can be taken for a formula. Parquet needs
DuckDB, which is not among what every installation has.
"""

import csv
import tempfile
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from sop.community import Community, Staff, accounts
from sop.summary.weeks import week_label
from storage.figures.scope import Scope
from storage.raw import TABLES, RawTable
from storage.types import BigId, UtcDateTime

if TYPE_CHECKING:
    import duckdb

RawFormat = Literal["csv", "parquet"]
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NULL = "\\N"


class NoParquet(Exception):
    """DuckDB is not installed; the text says in Chinese what to do."""


@dataclass(frozen=True, slots=True)
class Written:
    """What a file holds."""

    out: Path
    rows: Mapping[str, int]
    """By table."""

    @property
    def told(self) -> str:
        """For the terminal."""
        each = "、".join(f"{name} {number:,} 行" for name, number in self.rows.items())
        return f"写好了 {self.out}：{each}"


def write_raw(
    tx: Connection,
    staff: Mapping[str, Staff],
    communities: Sequence[Community],
    monday: date,
    zone: ZoneInfo,
    format: RawFormat,
    out: Path,
) -> Written:
    """Writes the week that begins on `monday` for these communities. Raises NoParquet."""
    ids = tuple(one.id for one in communities)
    week = Scope(tx, ids, monday, zone, tuple(sorted(accounts(staff))))
    duck = _duckdb() if format == "parquet" else None
    rows = {}
    out.touch(mode=0o600)
    with (
        tempfile.TemporaryDirectory(prefix="qunyun-raw-") as folder,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive,
    ):
        for name, one in TABLES.items():
            plain = Path(folder) / f"{name}.csv"
            rows[name] = _write_csv(plain, one, week, harmless=duck is None)
            path = plain if duck is None else _parquet(duck, plain, one.columns(week))
            archive.write(path, path.name)
            path.unlink()
        archive.writestr("说明.txt", _about(week))
    return Written(out, rows)


def _write_csv(path: Path, one: RawTable, week: Scope, *, harmless: bool) -> int:
    number = 0
    with path.open("w", newline="", encoding="utf-8-sig" if harmless else "utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(one.columns(week))
        for row in one.rows(week):
            number += 1
            writer.writerow(_cells(row, "" if harmless else _NULL, harmless=harmless))
    return number


def _cells(row: Iterable[Any], nothing: str, *, harmless: bool) -> list[object]:
    return [_cell(value, nothing, harmless=harmless) for value in row]


def _cell(value: Any, nothing: str, *, harmless: bool) -> object:
    if value is None:
        return nothing
    if isinstance(value, datetime):
        return value.isoformat(" ")
    if harmless and isinstance(value, str) and value.startswith(_FORMULA):
        return f"'{value}"
    return value


def _duckdb() -> "duckdb.DuckDBPyConnection":
    try:
        import duckdb
    except ImportError:
        raise NoParquet(
            "Parquet 需要 DuckDB：请先运行 pip install 'qunyun[parquet]'，或改用 --format csv。"
        ) from None
    return duckdb.connect()


def _parquet(duck: "duckdb.DuckDBPyConnection", plain: Path, columns: Mapping[str, Any]) -> Path:
    """Written from the CSV, with the types that the database has. Instants are UTC."""
    out = plain.with_suffix(".parquet")
    read = duck.read_csv(
        str(plain),
        header=True,
        na_values=_NULL,
        quotechar='"',
        escapechar='"',
        dtype={name: _type(kind) for name, kind in columns.items()},
    )
    read.write_parquet(str(out))
    plain.unlink()
    return out


def _type(kind: Any) -> str:
    if isinstance(kind, UtcDateTime):
        return "TIMESTAMP WITH TIME ZONE"
    if isinstance(kind, BigId):
        return "BIGINT"
    return {int: "BIGINT", bool: "BOOLEAN", date: "DATE"}.get(kind.python_type, "VARCHAR")


def _about(week: Scope) -> str:
    tables = "\n".join(f"{name}：{one.title}" for name, one in TABLES.items())
    return (
        f"{week_label(week.monday)}，{len(week.communities)} 个社群。\n"
        "时间是 UTC，金额以分计；day 是社群当地的日期。成员只有编号，没有姓名；"
        "同事和他们自己的客户账号不在里面。\n\n"
        f"{tables}\n"
    )

"""What channels have at WeCom: contact ways, ways into groups, templates."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, select, update

from storage.rows import every, insert_for, pick, values
from storage.tables.onboarding import ChannelWay
from storage.types import table

_WAY = table(ChannelWay)


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a channel's file asks for."""

    channel: str
    kind: str
    community: str
    state: str
    spec: str


@dataclass(frozen=True, slots=True)
class WayRow:
    """What there is of it."""

    channel: str
    kind: str
    community: str
    state: str
    spec: str
    status: str
    config_id: str
    qr_code: str
    attempts: int
    due_at: datetime | None
    made_at: datetime | None
    error: str

    @property
    def key(self) -> tuple[str, str, str]:
        """Which one it is."""
        return self.channel, self.kind, self.community


def every_way(tx: Connection) -> list[WayRow]:
    """All of them, by channel."""
    query = pick(_WAY, WayRow).order_by(_WAY.c.channel, _WAY.c.kind, _WAY.c.community)
    return every(tx, query, WayRow)


def want(tx: Connection, way: Wanted, now: datetime) -> None:
    """It shall be made, or told anew what it is."""
    fresh = {"status": "wanted", "attempts": 0, "due_at": now, "error": ""}
    told = {"state": way.state, "spec": way.spec, **fresh}
    insert = insert_for(tx, _WAY).values(**{**values(way), **fresh})
    tx.execute(
        insert.on_conflict_do_update(index_elements=["channel", "kind", "community"], set_=told)
    )


def stop(tx: Connection, way: WayRow, now: datetime) -> None:
    """No file asks for it any more."""
    _change(tx, way, status="stopping", attempts=0, due_at=now, error="")


def due(tx: Connection, now: datetime, limit: int) -> list[WayRow]:
    """What WeCom is to be asked for now."""
    query = pick(_WAY, WayRow).where(_WAY.c.due_at.is_not(None), _WAY.c.due_at <= now)
    in_order = query.order_by(_WAY.c.due_at, _WAY.c.channel, _WAY.c.kind, _WAY.c.community)
    return every(tx, in_order.limit(limit), WayRow)


def next_due(tx: Connection) -> datetime | None:
    """When WeCom is to be asked next."""
    query = select(func.min(_WAY.c.due_at)).where(_WAY.c.due_at.is_not(None))
    found: datetime | None = tx.execute(query).scalar()
    return found


def made(tx: Connection, way: WayRow, config_id: str, qr_code: str, now: datetime) -> None:
    """WeCom has it as the file says."""
    _change(
        tx,
        way,
        status="made",
        config_id=config_id,
        qr_code=qr_code,
        made_at=now,
        due_at=None,
        error="",
    )


def stopped(tx: Connection, way: WayRow) -> None:
    """WeCom has it no longer."""
    _change(tx, way, status="stopped", config_id="", qr_code="", due_at=None, error="")


def put_off(tx: Connection, way: WayRow, reason: str, until: datetime) -> None:
    """Nobody knows, or WeCom was busy: it is asked again."""
    _change(tx, way, attempts=way.attempts + 1, error=reason, due_at=until)


def failed(tx: Connection, way: WayRow, reason: str, until: datetime) -> None:
    """WeCom refuses it: somebody must change something; it is tried again then."""
    _change(tx, way, status="failed", error=reason, due_at=until)


def qr_of(tx: Connection, channel: str, kind: str, community: str = "") -> str:
    """The address of a QR code; empty while there is none."""
    query = select(_WAY.c.qr_code).where(
        _WAY.c.channel == channel, _WAY.c.kind == kind, _WAY.c.community == community
    )
    return tx.execute(query).scalar() or ""


def _change(tx: Connection, way: WayRow, **changed: object) -> None:
    tx.execute(
        update(_WAY)
        .where(
            _WAY.c.channel == way.channel,
            _WAY.c.kind == way.kind,
            _WAY.c.community == way.community,
        )
        .values(**changed)
    )

"""What the terminal needs beside the database to keep the books: a payer, and the library."""

from datetime import date

from bot.app import payer_types
from bot.clock import SystemClock
from bot.desk import Refused
from bot.http import Http
from bot.payer import NoStatement
from bot.reconciling import compare
from bot.settings import Settings
from sop.library import Library
from storage.database import open_database
from storage.reconciliations import ReconciliationRow


async def reconcile(settings: Settings, day: date) -> ReconciliationRow | None:
    """Compares a day with the payer, beside a running service; nothing is written. Raises
    Refused when the statement cannot be had."""
    clock = SystemClock()
    merchant = settings.merchant
    bases = [settings.api, *([settings.payout_url] if settings.payout_url else [])]
    http = Http(bases, tls=None if merchant is None else merchant.tls())
    database = await open_database(settings.database, read_only=True)
    try:
        payer = payer_types()[settings.payer](settings, http, clock)
        return await compare(database, payer, day, settings.zone, clock.now())
    except NoStatement as error:
        raise Refused(f"对账单取不到：{error}") from error
    finally:
        await http.close()
        await database.close()


def coupon_prizes(library: Library) -> dict[str, set[str]]:
    """The names of coupons that each source gives away."""
    found: dict[str, set[str]] = {}
    for name, campaign in library.campaigns.items():
        prizes = {one.prize for one in campaign.deck if one.kind == "coupon"}
        if prizes:
            found[name] = prizes
    for name, program in library.points.items():
        items = {one.item for one in program.redeem if one.kind == "coupon"}
        if items:
            found[f"points/{name}"] = items
    return found

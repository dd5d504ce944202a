"""My data: what is kept about the member, in plain words and as a file, and the consent."""

import json
import re
from typing import Any

from aiohttp import web

from bot.pages.desk import Seat
from bot.pages.shape import HEADERS, NOT_KEPT
from bot.pages.view import View, Visit
from sop import privacy
from sop.effects import Effect, Reply, SayConsent
from storage import consent, member_data

_PATH = re.compile(r"/m/[a-z]{1,20}(/[0-9]{1,18})?")


async def _show(visit: Visit) -> web.StreamResponse:
    query = visit.request.query
    if query.get("format") == "json":
        return await _download(visit)
    wanted = query.get("next", "")

    def work(seat: Seat) -> web.StreamResponse:
        return visit.page(
            "data.html",
            seat,
            terms=seat.terms,
            consented=seat.consented,
            said=[] if seat.is_staff else consent.history(seat.tx, seat.person),
            kept=[] if seat.is_staff else member_data.counts(seat.tx, seat.person),
            opted_out=seat.facts.privacy.opted_out(seat.person),
            erasure_asked=seat.facts.privacy.erasure_asked_at(seat.person) is not None,
            following=wanted if _PATH.fullmatch(wanted) else "",
        )

    return await visit.look(work)


async def _download(visit: Visit) -> web.StreamResponse:
    def work(seat: Seat) -> dict[str, list[dict[str, Any]]]:
        return {} if seat.is_staff else member_data.export(seat.tx, seat.person)

    text = json.dumps(await visit.look(work), ensure_ascii=False, indent=2, default=str)
    headers = {"Content-Disposition": 'attachment; filename="my-data.json"'}
    return web.Response(
        text=text, content_type="application/json", headers=HEADERS | NOT_KEPT | headers
    )


async def _act(visit: Visit) -> tuple[str, str]:
    """The form of the terms, or one of the wishes below it."""
    if visit.form.get("wish"):
        return await _wish(visit, visit.form["wish"])
    return await _consent(visit)


async def _wish(visit: Visit, wish: str) -> tuple[str, str]:
    """Opting out and back in, asking to be erased: also without having agreed to the terms."""

    def work(seat: Seat) -> list[Effect]:
        facts, member, now = seat.facts, seat.person, seat.now
        match wish:
            case "out":
                return privacy.opt_out(facts, member, page=True)
            case "in":
                return privacy.opt_in(member)
            case "erase":
                sure = visit.form.get("sure") == "yes"
                if not sure:
                    return [Reply("要删除请先勾选“我确定”。")]
                return privacy.ask_erasure(facts, seat.community, member, sure, now, page=True)
            case "keep":
                return privacy.take_back_erasure(facts, member, page=True)
        return []

    return "/m/data", await visit.act_anyway(visit.desk.chance(8), work)


async def _consent(visit: Visit) -> tuple[str, str]:
    """Only the version that was read can be agreed to."""
    form = visit.form
    given = form.get("consent") == "yes"

    def work(seat: Seat) -> list[Effect]:
        if form.get("version") != seat.terms.version:
            return [Reply("活动须知刚刚更新了，请再读一遍。")]
        said = "谢谢，已记下您的同意。" if given else "已撤回同意，您的奖品照常发放。"
        return [SayConsent(seat.person, seat.terms.version, given), Reply(said)]

    answer = await visit.act_anyway(visit.desk.chance(8), work)
    following = form.get("next", "")
    path = following if given and _PATH.fullmatch(following) else "/m/data"
    return path, answer


VIEW = View("/m/data", _show, _act)

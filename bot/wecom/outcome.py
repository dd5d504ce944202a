"""What became of one send: every way a call can end, as a `bot.channel.Outcome`."""

from collections.abc import Awaitable
from typing import Any

from bot.channel import Busy, Outcome, Refused, Sent, Unknown
from bot.http import NoAnswer, NotAllowed, NotSent
from bot.wecom.errors import Kind, WecomError

_WAITING = (Kind.RETRY, Kind.BACK_OFF, Kind.REFRESH_TOKEN)


async def outcome(call: Awaitable[dict[str, Any]]) -> Outcome:
    """Awaits the call and judges its end. Raises nothing that WeCom or the network did."""
    try:
        answer = await call
    except WecomError as error:
        # A token that is bad even after its one renewal may be good again later.
        if error.verdict.kind in _WAITING:
            return Busy(str(error), error.verdict.wait)
        return Refused(str(error))
    except NotAllowed as error:
        return Refused(str(error))
    except NotSent as error:
        return Busy(str(error))
    except NoAnswer as error:
        return Unknown(str(error))
    return _accepted(answer)


def _accepted(answer: dict[str, Any]) -> Outcome:
    invalid = answer.get("invaliduser") or answer.get("unlicenseduser")
    if invalid:
        return Refused(f"接收人无效：{invalid}。核对 userid 和应用的可见范围")
    return Sent(str(answer.get("msgid", "")))

"""Members' consent."""

from bot.runtime import Batch, Handlers
from sop import effects as does
from storage import consent


def say_consent(batch: Batch, effect: does.SayConsent) -> None:
    consent.say(batch.tx, effect.member, effect.version, effect.given, batch.now)


HANDLERS: Handlers = {does.SayConsent: say_consent}

"""game: a round of one of the games in `sop/games`, with or without rewards."""

from typing import TYPE_CHECKING, Any, ClassVar

from pydantic import (
    BaseModel,
    Field,
    GetJsonSchemaHandler,
    ModelWrapValidatorHandler,
    SerializeAsAny,
    ValidationError,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, InitErrorDetails

from sop.campaign import Rewards
from sop.complaints import complaints
from sop.diagnostics import did_you_mean
from sop.effects import Effect
from sop.game import Game
from sop.games import all_games
from sop.member_page import reachable
from sop.model import Strict
from sop.money import yuan
from sop.step import CannotRun, StepContext, StepKind
from sop.times import wrong

if TYPE_CHECKING:
    from sop.library import Library

_OWN = ("name", "rewards")


class PlayGame(StepKind):
    """In YAML the game's own options stand beside `name` and `rewards`."""

    kind: ClassVar[str] = "game"
    title: ClassVar[str] = "游戏"

    name: str = Field(min_length=1, description="哪个游戏")
    rewards: Rewards | None = Field(default=None, description="奖励；不写就是没有现金奖励的游戏")
    options: SerializeAsAny[BaseModel] = Field(description="游戏自己的选项")

    @model_validator(mode="wrap")
    @classmethod
    def _with_options(
        cls, value: Any, handler: ModelWrapValidatorHandler["PlayGame"]
    ) -> "PlayGame":
        """Reads the game's options by the game's own model; reports its errors with ours."""
        if not isinstance(value, dict):
            return handler(value)
        own = {key: value[key] for key in _OWN if key in value}
        name = own.get("name")
        game = all_games().get(name) if isinstance(name, str) else None
        if game is None and isinstance(name, str) and name:
            near = did_you_mean(name, all_games())
            raise wrong("unknown-game", f"没有名为“{name}”的游戏。", near, ("name",))
        model = game.Options if game else _Nothing
        known = [field.alias or key for key, field in model.model_fields.items()]
        errors = _unknown(value, [*_OWN, *known]) if game else []
        options: BaseModel = _Nothing()
        try:
            options = model.model_validate({key: value[key] for key in known if key in value})
        except ValidationError as error:
            errors += _again(error, model)
        try:
            read = handler({**own, "options": options})
        except ValidationError as error:
            errors += _again(error, cls)
        if errors:
            raise ValidationError.from_exception_data(cls.__name__, errors)
        return read

    @classmethod
    def __get_pydantic_json_schema__(
        cls, core_schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """One shape for each game: its options beside ours, as they are written."""
        written = handler.resolve_ref_schema(handler(core_schema))
        ours, shapes = written["properties"], []
        for name, game in all_games().items():
            theirs = handler.resolve_ref_schema(handler(game.Options.__pydantic_core_schema__))
            called = {"const": name, "description": f"哪个游戏：{game.title}"}
            shapes.append(
                {
                    "type": "object",
                    "title": game.title,
                    "properties": {
                        "name": called,
                        "rewards": ours["rewards"],
                        **theirs.get("properties", {}),
                    },
                    "required": ["name", *theirs.get("required", [])],
                    "additionalProperties": False,
                }
            )
        written.clear()
        written["oneOf"] = shapes
        return written

    @property
    def game(self) -> Game:
        """The rules."""
        return all_games()[self.name]

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """The pool must be there and hold at least one round; banks are the game's matter."""
        found: list[tuple[tuple[str | int, ...], str]] = []
        for text in self.game.problems(self.options, library.banks):
            path = ("bank",) if "bank" in type(self.options).model_fields else ("name",)
            found.append((path, text))
        if self.rewards is not None:
            pool = library.pools.get(self.rewards.pool)
            most = self.rewards.winners * self.rewards.amount.high_fen
            if pool is None:
                near = did_you_mean(self.rewards.pool, library.pools, "campaigns/ 里还没有奖池。")
                text = f"没有名为“{self.rewards.pool}”的奖池。{near}"
                found.append((("rewards", "pool"), text))
            elif most > pool.budget_fen:
                text = f"一局最多要发 {yuan(most)} 元，超出奖池预算 {yuan(pool.budget_fen)} 元。"
                found.append((("rewards", "amount"), text))
        return found

    def links(self, library: "Library") -> list[Strict]:
        """The pool that pays, and the bank that asks."""
        found: list[Strict] = []
        if self.rewards is not None:
            found.append(library.pools[self.rewards.pool])
        bank = getattr(self.options, "bank", None)
        if bank is not None:
            found.append(library.banks[bank])
        return found

    def called(self, library: "Library") -> str:
        """The game's title."""
        return self.game.title

    def run(self, context: StepContext) -> list[Effect]:
        """Opens the round. Raises CannotRun when one is still running."""
        from sop.play import CannotPlay, RewardRule, begin  # imports Library, which imports this

        rule = None
        if self.rewards is not None:
            amount = self.rewards.amount
            rule = RewardRule(
                self.rewards.winners, amount.low_fen, amount.high_fen, self.rewards.pool
            )
        try:
            return begin(
                context.facts,
                context.library,
                context.community,
                self.name,
                self.options,
                rule,
                now=context.now,
                seed=context.seed,
                occurrence=context.occurrence,
            )
        except CannotPlay as error:
            raise CannotRun(f"“{self.game.title}”没有开局：{error}") from error

    def script(self, context: StepContext) -> str:
        """How to host the game."""
        script = self.game.host_script(self.options)
        community = context.community
        if community.heard_as or not community.page:
            return script
        return (
            f"{script}\n\n> 机器人听不到这个群。开局时您会收到一条带链接的开场白，请转发到群里，"
            "大家在网页上玩；结束后的排名也请您转发。"
        )

    def announcement(self, context: StepContext) -> str:
        """When it starts, and how it is played, where the bot can lead it."""
        if not reachable(context.community):
            return ""
        at = context.due_at.astimezone(context.plan.zone)
        text = f"⏰ **{at:%H:%M} {self.game.title}**\n{self.game.announcement(self.options)}"
        return text if context.community.heard_as else f"{text}\n届时请点开群里的链接，在网页上玩。"


class _Nothing(BaseModel):
    """Stands for options that could not be read, so that the rest is still judged."""


def _unknown(value: dict[str, Any], known: list[str]) -> list[InitErrorDetails]:
    """Keys that neither a game step nor its game has, each pointed at."""
    found: list[InitErrorDetails] = []
    for key in value:
        if key not in known:
            plain = f"没有“{key}”这一项。", did_you_mean(key, known)
            text, hint = PlayGame.elsewhere(key) or plain
            error = wrong("unknown-key", text, hint)
            found.append({"type": error, "loc": (key, "[key]"), "input": None})
    return found


def _again(error: ValidationError, model: type[BaseModel]) -> list[InitErrorDetails]:
    """The same errors, already in the author's words, to be raised together with others."""
    return [
        {
            "type": wrong(one.code, one.message, one.hint, line=one.line, word=one.word),
            "loc": (*one.path, "[key]") if one.on_key else one.path,
            "input": "",  # not None: that would be a value that is not there
        }
        for one in complaints(error, model)
    ]


STEP = PlayGame

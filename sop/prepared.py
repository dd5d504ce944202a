"""What kinds share whose text is prepared in the plan or under a name (话术)."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from pydantic import ConfigDict, Field, model_validator

from sop.campaign import Name
from sop.diagnostics import did_you_mean
from sop.model import Strict, one_of
from sop.step import StepContext, StepKind
from sop.templates import LinkedText, render, words
from sop.times import wrong

if TYPE_CHECKING:
    from sop.library import Library


WITHHELD = "（话术未审核）"
"""After the reason of a task whose script has no review stamp."""
RISK_NOTICE = (
    "> 风险提示：投资有风险，选择须谨慎。以上内容仅供交流学习，不构成投资建议或收益承诺；"
    "产品的过往业绩不代表其未来表现。请根据自身风险承受能力审慎决定。"
)


class Prepared(StepKind):
    """Says exactly one of: its own text, or a script of the library."""

    model_config = ConfigDict(json_schema_extra=one_of(("text", "script")))

    text: LinkedText | None = Field(
        default=None,
        description="正文，可用变量 community.name、date、weekday、owner、bot 和 links 里的链接",
    )
    from_script: Name | None = Field(
        default=None, alias="script", description="用 scripts/ 里的一段话术"
    )
    risk_notice: bool = Field(default=False, description="true：文末附风险提示")

    @model_validator(mode="after")
    def _one_source(self) -> "Prepared":
        if (self.text is None) == (self.from_script is None):
            text = "没有写发什么。" if self.text is None else "这里同时写了 text 和 script。"
            raise wrong("kind", text, "请只写一项：text（正文）或 script（话术）。")
        return self

    def problems(self, library: "Library") -> list[tuple[tuple[str | int, ...], str]]:
        """The script must be there."""
        if self.from_script is None or self.from_script in library.scripts:
            return super().problems(library)
        near = did_you_mean(self.from_script, library.scripts, "scripts/ 里还没有话术。")
        missing = f"没有名为“{self.from_script}”的话术。{near}"
        return [(("script",), missing), *super().problems(library)]

    def links(self, library: "Library") -> list[Strict]:
        """The script."""
        used = [] if self.from_script is None else [library.scripts[self.from_script]]
        return [*used, *super().links(library)]

    def called(self, library: "Library") -> str:
        """The script's title."""
        script = library.scripts.get(self.from_script or "")
        return script.title if script else self.title

    def filled(
        self, context: StepContext, more: Mapping[str, str] | None = None, member: str = ""
    ) -> str:
        """The text as it goes out; `more` are variables beside the file's own, `member` is the id
        of whom it is for alone."""
        script = None if self.text is not None else context.library.scripts[self.from_script or ""]
        own = context.plan.variables if script is None else script.variables
        text = (self.text or "") if script is None else script.text
        filled = render(text, words(context, {**own, **(more or {})}, member)).strip()
        notice = self.risk_notice or (script is not None and script.risk_notice)
        return f"{filled}\n\n{RISK_NOTICE}" if notice else filled

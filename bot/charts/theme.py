"""What a drawing is painted with: the variables of a page, or fixed colours."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Theme:
    """Paints of SVG. `parts` are told apart by people who see no red or green, stand out from
    the surface by 3:1 and carry `surface` as text by 4.5:1, by day and by night."""

    surface: str
    ink: str
    dim: str
    """For text that is read last; 4.5:1 on the surface."""
    line: str
    """Grid."""
    strong: str
    """Axes and outlines; 3:1 on the surface."""
    soft: str
    """The ground of a comparison."""
    parts: tuple[str, ...]
    good: str
    bad: str
    family: str = ""
    """Of the font; empty: the page's."""
    glyphs: frozenset[str] | None = None
    """What the font has; None: the viewer's fonts have everything."""

    def part(self, number: int) -> str:
        """The colour of a series, in the order of the series."""
        return self.parts[number % len(self.parts)]


PICTURE = Theme(
    "#ffffff",
    "#1c2225",
    "#616b70",
    "#e2dfd7",
    "#868d90",
    "#ebe9e3",
    ("#0d6b63", "#9a6207", "#3b6ea8", "#7d5aa3", "#b8452f", "#616b70"),
    "#1b6e40",
    "#b23a2c",
    "Qunyun Sans SC",
)
PAGE = Theme(
    "var(--surface)",
    "var(--ink)",
    "var(--ink-3)",
    "var(--line)",
    "var(--mark)",
    "var(--soft)",
    tuple(f"var(--p{number})" for number in range(6)),
    "var(--good)",
    "var(--bad)",
)

"""What charts are drawn with: text that is escaped and cut, rectangles, lines, dots."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape
from unicodedata import combining, east_asian_width

from bot.charts.theme import Theme

MISSING = "□"
TALL = 150
_PIECES = re.compile(r"[（“《]*(?:[!-~¥]+ ?|.)[，。、：；！？）”》%]*")
_BROAD = frozenset("mwMW@%&ABCDEFGHJKLNOPQRSTUVXYZ¥+−=≥≤")


@dataclass(slots=True)
class Ink:
    """A drawing in the making; coordinates are user units, y grows downwards."""

    theme: Theme
    width: float
    tall: float = TALL
    """How high a plot is whose rows do not say it: of lines, of dots."""
    height: float = 0
    missing: bool = False
    """Whether a character was replaced by `MISSING` because the font lacks it."""
    _marks: list[str] = field(default_factory=list)

    @property
    def dense(self) -> bool:
        """Whether rows stand close together, as in the picture."""
        return self.tall < TALL

    @property
    def marks(self) -> str:
        """The elements, in the order of drawing."""
        return "".join(self._marks)

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 12,
        anchor: str = "start",
        fill: str = "",
        bold: bool = False,
        halo: bool = False,
    ) -> None:
        """One line of text on the base line y; a halo keeps it readable on top of lines."""
        theme = self.theme
        weight = ' font-weight="700"' if bold else ""
        family = f' font-family="{theme.family}"' if theme.family else ""
        where = f' text-anchor="{anchor}"' if anchor != "start" else ""
        ring = (
            f' stroke="{theme.surface}" stroke-width="4" stroke-linejoin="round" '
            'paint-order="stroke"'
            if halo
            else ""
        )
        self._marks.append(
            f'<text x="{_n(x)}" y="{_n(y)}" font-size="{_n(size)}"{family}{weight}{where}{ring} '
            f'fill="{fill or theme.ink}">{escape(self._known(plain(words)))}</text>'
        )

    def rect(
        self,
        x: float,
        y: float,
        wide: float,
        high: float,
        fill: str,
        *,
        opacity: float = 1,
        stroke: str = "",
        round: float = 2,
        said: str = "",
    ) -> None:
        """A rectangle; `said` is shown where a pointer rests on it."""
        more = f' fill-opacity="{_n(opacity, 2)}"' if opacity != 1 else ""
        more += f' stroke="{stroke}"' if stroke else ""
        more += f' rx="{_n(round)}"' if round else ""
        shape = (
            f'<rect x="{_n(x)}" y="{_n(y)}" width="{_n(max(wide, 0))}" '
            f'height="{_n(max(high, 0))}" fill="{fill}"{more}'
        )
        self._marks.append(_closed(shape, "rect", said))

    def line(
        self,
        points: Sequence[tuple[float, float]],
        stroke: str,
        *,
        wide: float = 1,
        dash: str = "",
    ) -> None:
        """Straight lines from point to point."""
        path = "M" + "L".join(f"{_n(x)} {_n(y)}" for x, y in points)
        dashes = f' stroke-dasharray="{dash}"' if dash else ""
        joined = ' stroke-linejoin="round" stroke-linecap="round"' if len(points) > 2 else ""
        self._marks.append(
            f'<path d="{path}" fill="none" stroke="{stroke}" stroke-width="{_n(wide)}"'
            f"{dashes}{joined}/>"
        )

    def dot(self, x: float, y: float, radius: float, fill: str, said: str = "") -> None:
        """A filled circle with an edge of the surface's colour."""
        shape = (
            f'<circle cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}" fill="{fill}" '
            f'stroke="{self.theme.surface}" stroke-width="1.5"'
        )
        self._marks.append(_closed(shape, "circle", said))

    def put(self, other: "Ink", x: float, y: float) -> None:
        """Another drawing, moved."""
        self._marks.append(f'<g transform="translate({_n(x)} {_n(y)})">{other.marks}</g>')
        self.missing = self.missing or other.missing

    def legend(self, names: Sequence[str]) -> None:
        """Names of the series with their colours, from the top; wraps."""
        x, y = 0.0, self.height + 11
        for number, name in enumerate(names):
            shown = fitted(name, self.width - 18)
            wide = 15 + width_of(shown)
            if x and x + wide > self.width:
                x, y = 0.0, y + 18
            self.rect(x, y - 9, 10, 10, self.theme.part(number))
            self.text(x + 15, y, shown)
            x += wide + 16
        self.height = y + 9

    def _known(self, words: str) -> str:
        """With `MISSING` in place of what the font does not have."""
        glyphs = self.theme.glyphs
        if glyphs is None or glyphs.issuperset(words):
            return words
        self.missing = True
        return "".join(char if char in glyphs else MISSING for char in words)


def plain(words: str) -> str:
    """In one line, without what is not seen: control characters, changes of direction, marks that
    pile up on a letter."""
    spaced = " ".join(words.split())
    return "".join(char for char in spaced if char.isprintable() and not combining(char))


def width_of(words: str, size: float = 12) -> float:
    """About how wide the words are drawn, in user units."""
    return size * sum(map(_em, words))


def fitted(words: str, wide: float, size: float = 12) -> str:
    """The words, cut with an ellipsis so that they are at most so wide."""
    shown = plain(words)[:200]
    if width_of(shown, size) <= wide:
        return shown
    while shown and width_of(shown, size) + size > wide:
        shown = shown[:-1]
    return shown.rstrip() + "…"


def wrapped(words: str, wide: float, size: float, most: int) -> list[str]:
    """The words in at most so many lines, cut with an ellipsis; numbers and names in Latin letters
    stay whole, and no line begins with a closing sign."""
    lines = [""]
    for piece in _PIECES.findall(plain(words)):
        if width_of(lines[-1] + piece.rstrip(), size) > wide and lines[-1]:
            if len(lines) == most:
                lines[-1] = fitted(lines[-1] + piece + "…" * 9, wide, size)
                break
            lines.append("")
        lines[-1] += piece if lines[-1] else piece.lstrip()
    return [fitted(line, wide, size) for line in lines]


def _em(char: str) -> float:
    if east_asian_width(char) in "WFA":
        return 1.0
    return 0.72 if char in _BROAD else 0.57


def _closed(shape: str, name: str, said: str) -> str:
    title = f"<title>{escape(plain(said))}</title>" if said else ""
    return f"{shape}>{title}</{name}>" if title else f"{shape}/>"


def _n(value: float, digits: int = 1) -> str:
    """A coordinate as short as it can be written."""
    text = f"{value:.{digits}f}"
    short = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if short == "-0" else short

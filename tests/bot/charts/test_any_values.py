"""Whatever the values and names are: well-formed, inside the drawing, no NaN."""

import re
from xml.etree.ElementTree import Element

import pytest
from defusedxml.ElementTree import fromstring
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.charts import WIDTH, svg
from bot.charts.ink import width_of
from bot.charts.theme import PAGE
from sop.summary.chart import Chart, Series, Shape
from sop.summary.metrics import Unit

SVG = "{http://www.w3.org/2000/svg}"
NAMES = st.text(max_size=12) | st.sampled_from(
    ["<script>alert(1)</script>", "\u202eكلمة", "🎉" * 9, "长" * 200, "", "=1+1", "\x00"]
)
COUNTS = st.integers(-(10**12), 10**12) | st.integers(0, 50)
NUMBERS = {
    Unit.PERSONS: COUNTS,
    Unit.TIMES: COUNTS,
    Unit.FEN: COUNTS,
    Unit.RATIO: (st.floats(0, 1) | st.floats(-5, 5)).map(lambda one: round(one, 4)),
    Unit.MEAN: st.floats(-1e9, 1e9).map(lambda one: round(one, 2)),
}


@st.composite
def charts(draw: st.DrawFn, shape: Shape) -> Chart:
    labels = draw(st.lists(NAMES, max_size=15))
    unit = draw(st.sampled_from(Unit))
    values = st.lists(st.none() | NUMBERS[unit], min_size=len(labels), max_size=len(labels))
    count = 2 if shape is Shape.DOTS else draw(st.integers(1, 6))
    series = [Series(draw(NAMES), unit, tuple(draw(values))) for _ in range(count)]
    return Chart("key", draw(NAMES), shape, tuple(labels), tuple(series), draw(NAMES))


def outside(root: Element) -> list[str]:
    """Marks that leave the drawing; half a unit is a line's width."""
    _, _, wide, high = map(float, root.attrib["viewBox"].split())
    found = []
    for mark in root.iter():
        box = _box(mark)
        if box is None:
            continue
        left, right, top, base = box
        if left < -3 or right > wide + 3 or top < -3 or base > high + 3:
            found.append(f"{mark.tag} {mark.attrib} {mark.text}")
    return found


def _box(mark: Element) -> tuple[float, float, float, float] | None:
    of = {name: float(text) for name, text in mark.attrib.items() if _number(text)}
    if mark.tag == f"{SVG}rect":
        return of["x"], of["x"] + of["width"], of["y"], of["y"] + of["height"]
    if mark.tag == f"{SVG}circle":
        return of["cx"] - of["r"], of["cx"] + of["r"], of["cy"] - of["r"], of["cy"] + of["r"]
    if mark.tag == f"{SVG}path":
        places = [float(one) for one in re.findall(r"-?[\d.]+", mark.attrib["d"])]
        return min(places[::2]), max(places[::2]), min(places[1::2]), max(places[1::2])
    if mark.tag == f"{SVG}text":
        wide = width_of(mark.text or "", of["font-size"])
        share = {"middle": 0.5, "end": 1.0}.get(mark.attrib.get("text-anchor", ""), 0.0)
        left = of["x"] - share * wide
        return left, left + wide, of["y"] - 10, of["y"]
    return None


def _number(text: str) -> bool:
    return re.fullmatch(r"-?[\d.]+", text) is not None


@pytest.mark.parametrize("shape", Shape)
@settings(max_examples=120, deadline=None)
@given(data=st.data())
def test_any_chart_is_drawn_whole(shape: Shape, data: st.DataObject) -> None:
    drawn = svg(data.draw(charts(shape)), PAGE)
    root = fromstring(drawn)
    assert (outside(root), re.findall(r"[=\s\"](?:nan|-?inf)", drawn)) == ([], [])
    assert root.attrib["viewBox"].startswith(f"0 0 {WIDTH} ")

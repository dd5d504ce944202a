"""Texts with variables: what they may say, and what no text can do."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sop.templates import CommunityWords, Fault, Words, faults, render

WORDS = Words(CommunityWords("财富群"), "11月23日", "周一", "李静", "群运")
FORBIDDEN = "这种写法不能用在话术里。"
HINT = "话术里只能用变量和 {% if %}，不能用循环、函数、运算和过滤器。"


def test_render_fills_every_variable() -> None:
    text = "{{ community.name }} {{ date }} {{ weekday }} {{ owner }}"
    assert faults(text) == []
    assert render(text, WORDS) == "财富群 11月23日 周一 李静"


def test_render_decides_with_if() -> None:
    text = '{% if weekday == "周一" %}新的一周{% else %}早上好{% endif %}'
    assert faults(text) == []
    assert render(text, WORDS) == "新的一周"


def test_render_leaves_markdown_alone() -> None:
    text = "**好** > # <a> & \"x\" '{ }' {单}\n"
    assert faults(text) == []
    assert render(text, WORDS) == text


def test_render_never_reads_a_variable_value_as_a_template() -> None:
    hostile = Words(CommunityWords("{{ owner }}"), "", "", "李静", "群运")
    assert render("{{ community.name }}", hostile) == "{{ owner }}"


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (
            "早\n{{ comunity.name }}",
            [Fault(2, "没有变量“comunity.name”。", "您是想写 community.name 吗？")],
        ),
        ("{{ weekdy }}", [Fault(1, "没有变量“weekdy”。", "您是想写 weekday 吗？")]),
        (
            "{{ community }}",
            [Fault(1, "没有变量“community”。", "您是想写 community.name 吗？")],
        ),
        (
            "{{ a }}\n{{ bb }}",
            [
                Fault(1, "没有变量“a”。", "可以写：bot、community.name、date、owner、weekday。"),
                Fault(2, "没有变量“bb”。", "可以写：bot、community.name、date、owner、weekday。"),
            ],
        ),
    ],
)
def test_faults_unknown_variable(text: str, found: list[Fault]) -> None:
    assert faults(text) == found


@pytest.mark.parametrize("text", ["{{ date", "{% if date %}", "{{ }}", "{% endif %}", "{{ a b }}"])
def test_faults_broken_syntax_shows_how_to_write(text: str) -> None:
    (fault,) = faults(text)
    assert fault.hint == (
        '变量写成 {{ community.name }}，条件写成 {% if weekday == "周一" %}…{% endif %}。'
    )


@pytest.mark.parametrize(
    "text",
    [
        "{{ 'a' * 100000000 }}",
        "{{ 9 ** 9 ** 9 }}",
        "{{ '%099999999d' % 1 }}",
        "{{ '%099999999d'|format(1) }}",
        "{{ date|center(100000000) }}",
        "{% for x in range(99999) %}x{% endfor %}",
        "{{ range(99999) }}",
        "{{ date.__class__ }}",
        "{{ date.__class__.__mro__ }}",
        "{{ ''.__class__ }}",
        "{{ ().__class__.__bases__[0] }}",
        "{{ date['__class__'] }}",
        "{{ date|attr('__class__') }}",
        "{{ cycler.__init__.__globals__ }}",
        "{{ lipsum() }}",
        "{{ self }}",
        "{{ community.name.format(1) }}",
        "{{ date ~ date }}",
        "{{ [1, 2] }}",
        "{{ {'a': 1} }}",
        "{{ 1 + 1 }}",
        "{{ -1 }}",
        "{{ date[0] }}",
        "{{ date is defined }}",
        "{{ date if owner else weekday }}",
        "{% set x = date %}",
        "{% macro m() %}{% endmacro %}",
        "{% include 'x' %}",
        "{% import 'x' as x %}",
        "{% extends 'x' %}",
        "{% block b %}{% endblock %}",
        "{% filter upper %}x{% endfilter %}",
        "{% call date() %}{% endcall %}",
        "{% raw %}{{ x }}{% endraw %}{{ joiner() }}",
    ],
)
def test_faults_hostile_text_is_refused(text: str) -> None:
    assert faults(text) != []


@pytest.mark.parametrize(
    "text", ["{{ date|upper }}", "{{ date() }}", "{% for x in date %}{{ x }}{% endfor %}"]
)
def test_faults_forbidden_thing_is_reported_once(text: str) -> None:
    assert faults(text) == [Fault(1, FORBIDDEN, HINT)]


@given(st.text(alphabet="{}%# dateif.|()\n'周", max_size=40))
def test_faults_any_text_is_judged_and_renders_if_clean(text: str) -> None:
    assert faults(text) or isinstance(render(text, WORDS), str)

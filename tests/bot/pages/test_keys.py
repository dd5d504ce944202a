"""Links, states, sessions and form keys: what was not written here is nothing."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.links import LINK_LIFE, Links, Opened
from bot.pages.keys import DOOR_LIFE, SESSION_LIFE, Keys, State, Visitor

NOW = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
SECRET = "one-secret-of-at-least-32-characters"
LINKS = Links("https://bank.example", SECRET)
KEYS = Keys(SECRET)
OTHER = Keys("another-secret-of-at-least-32-chars!")
NONCE = "0123456789abcdef01234567"
MEMBER = Visitor("wealth-01", "wm01", is_staff=False)


def token() -> str:
    return LINKS.link("wealth-01", NOW).removeprefix("https://bank.example/m/")


def turned(text: str, at: int) -> str:
    """The text with one character changed."""
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


@pytest.mark.parametrize(
    ("after", "opened"),
    [
        (timedelta(), Opened("wealth-01", expired=False)),
        (LINK_LIFE - timedelta(seconds=1), Opened("wealth-01", expired=False)),
        (LINK_LIFE, Opened("wealth-01", expired=True)),
        (timedelta(days=900), Opened("wealth-01", expired=True)),
    ],
)
def test_link_is_good_for_two_days(after: timedelta, opened: Opened) -> None:
    assert LINKS.opened(token(), NOW + after) == opened


def test_link_needs_no_escaping_in_an_address_and_fits_a_message() -> None:
    assert set(token()) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.")
    assert len(token()) < 120


@pytest.mark.parametrize("at", range(0, 75, 3))
def test_link_with_one_character_changed_is_nothing(at: int) -> None:
    assert LINKS.opened(turned(token(), at), NOW) is None


@pytest.mark.parametrize(
    "given",
    ["", ".", "a.b", token()[:-1], token() + "x", "." + token(), "A" * 5000, "群运", "\x00"],
)
def test_what_is_no_link(given: str) -> None:
    assert LINKS.opened(given, NOW) is None


@given(st.text(max_size=200))
def test_any_text_is_no_link(text: str) -> None:
    assert LINKS.opened(text, NOW) is None


def test_a_session_is_no_link_and_a_link_no_session() -> None:
    session = KEYS.session(MEMBER, NOW)
    assert LINKS.opened(session, NOW) is None
    assert KEYS.visitor(token(), NOW) is None
    assert KEYS.read_door(session) is None


@pytest.mark.parametrize("visitor", [MEMBER, Visitor("wealth-01", "li", is_staff=True)])
def test_session_names_its_visitor_for_two_hours(visitor: Visitor) -> None:
    session = KEYS.session(visitor, NOW)
    assert KEYS.visitor(session, NOW + SESSION_LIFE - timedelta(seconds=1)) == visitor
    assert KEYS.visitor(session, NOW + SESSION_LIFE) is None
    assert OTHER.visitor(session, NOW) is None


def test_state_is_letters_and_digits_only_as_wecom_wants() -> None:
    state = KEYS.state(NONCE, NOW)
    assert state.isascii()
    assert state.isalnum()
    assert len(state) == 66
    assert KEYS.read_state(state) == State(NONCE, NOW + DOOR_LIFE)


@pytest.mark.parametrize("at", [0, 23, 24, 33, 34, 65])
def test_state_with_one_digit_changed_is_nothing(at: int) -> None:
    state = KEYS.state(NONCE, NOW)
    digit = "0" if state[at] != "0" else "1"
    assert KEYS.read_state(state[:at] + digit + state[at + 1 :]) is None


@given(st.text(max_size=130))
def test_any_text_is_no_state(text: str) -> None:
    assert KEYS.read_state(text) is None


def test_state_of_another_secret_is_nothing() -> None:
    assert KEYS.read_state(OTHER.state(NONCE, NOW)) is None


def test_door_names_community_and_nonce() -> None:
    assert KEYS.read_door(KEYS.door("wealth-01", NONCE, NOW)) == ("wealth-01", NONCE)


def test_form_key_belongs_to_one_session() -> None:
    one, two = KEYS.session(MEMBER, NOW), KEYS.session(MEMBER, NOW + timedelta(seconds=1))
    assert KEYS.is_form_key(one, KEYS.form_key(one))
    assert not KEYS.is_form_key(two, KEYS.form_key(one))
    assert not KEYS.is_form_key(one, "")
    assert not KEYS.is_form_key(one, "群\udcff")


def test_answer_is_shown_for_a_minute() -> None:
    cookie = KEYS.said("恭喜！" * 100, NOW)
    assert KEYS.read_said(cookie, NOW) == "恭喜！" * 100
    assert KEYS.read_said(cookie, NOW + timedelta(minutes=1)) == ""
    assert KEYS.read_said("", NOW) == ""
    assert len(KEYS.said("".join(chr(0x4E00 + 7 * n) for n in range(400)), NOW)) < 3800

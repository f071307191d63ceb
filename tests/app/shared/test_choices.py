"""Choices take values, never words: a value that is no option changes nothing and gives a message of one line."""

from __future__ import annotations

from typing import Any

import pytest
from components import drawn
from streamlit.testing.v1 import AppTest

from app.shared import choices
from app.shared.choices import Choice

CLASS = Choice("char_class", "Class", {"digit": "Digit", "latin": "Latin"}, ("latin",), multiple=True)
OUTCOME = Choice("outcome", "Outcome", {"": "Everything", "wrong": "✗ Wrong"}, ("wrong",))
SEARCH = Choice("search", "Search", style="text")


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    lines: list[str] = []
    monkeypatch.setattr(choices, "refuse", lines.append)
    return lines


def sound(changes: object) -> dict[str, tuple[str, ...]]:
    return choices.valid_changes([CLASS, OUTCOME, SEARCH], changes, choices.refuse)


def test_values_of_options_are_taken(said: list[str]) -> None:
    changes = {"char_class": ["digit", "latin"], "outcome": [""], "search": ["noon"]}
    assert sound(changes) == {"char_class": ("digit", "latin"), "outcome": ("",), "search": ("noon",)}
    assert sound({"char_class": [], "search": []}) == {"char_class": (), "search": ()}
    assert said == []


@pytest.mark.parametrize(
    "changes",
    [
        {"char_class": ["Digit  ·  111"]}, {"char_class": "digit"}, {"char_class": [3]}, {"outcome": []},
        {"outcome": ["", "wrong"]}, {"colour": ["red"]},
    ],
)  # fmt: skip
def test_anything_else_is_refused_aloud(said: list[str], changes: dict[str, Any]) -> None:
    assert sound(changes) == {}
    assert len(said) == 1


def test_a_refusal_does_not_take_the_other_changes_with_it(said: list[str]) -> None:
    assert sound({"char_class": ["nonsense"], "outcome": [""]}) == {"outcome": ("",)}
    assert said == ["Class has no option “nonsense”"]


def test_what_is_chosen_can_be_taken_away_though_it_is_no_option_any_more(said: list[str]) -> None:
    gone = Choice("family", "Family", {"Cairo": "Cairo"}, ("Gone", "Lost"), multiple=True)
    assert choices.valid_changes([gone], {"family": ["Gone"]}, choices.refuse) == {"family": ("Gone",)}
    assert said == []


def test_what_must_not_be_is_a_change_of_its_own(said: list[str]) -> None:
    family = Choice("family", "Family", {"Cairo": "Cairo", "Lora": "Lora"}, (), ("Gone",), multiple=True)
    changes = choices.valid_changes(
        [family, CLASS], {"not family": ["Lora", "Gone"], "family": ["Cairo"]}, choices.refuse
    )
    assert changes == {"not family": ("Lora", "Gone"), "family": ("Cairo",)}
    assert said == []
    assert (
        choices.valid_changes([family, CLASS], {"not family": ["Nobody"], "not char_class": ["digit"]}, choices.refuse)
        == {}
    )
    assert said == ["Family has no option “Nobody”", "The chosen option is not on this page"]


def test_a_long_text_is_cut(said: list[str]) -> None:
    assert len(sound({"search": ["x" * 5000]})["search"][0]) == choices.MAX_CHARACTERS


def page() -> None:
    import streamlit as st

    from app.shared.choices import Choice, choices
    from glyphcore.results.selection import FacetValue

    counted = Choice(
        "kind", "Kind", {"a": "A", "b": "B", "c": "C"}, ("a",), multiple=True,
        counts=[FacetValue("b", 3, 1), FacetValue("foreign", 9, 9)],
    )  # fmt: skip
    st.session_state["kinds_cached"] = frozenset(st.session_state.get("holds", ()))
    choices([counted], key="kinds", on_choose=lambda changes: None, label="Kinds")


def test_words_are_sent_once_and_counts_go_by_their_place() -> None:
    app = AppTest.from_function(page).run()
    data = drawn(app, "kinds")
    (choice,) = data["choices"]
    assert data["lists"] == {choice["words"]: [["a", "A"], ["b", "B"], ["c", "C"]]}
    assert choice["counts"] == [[1, 3, 1]]
    app.session_state["holds"] = [choice["words"]]
    app.run()
    assert drawn(app, "kinds")["lists"] == {choice["words"]: None}

"""Items are made ahead of a loop, in order, by one other thread."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest

from glyphcore.data.ahead import ahead, chunks


def test_the_next_item_is_made_while_one_is_used() -> None:
    made: list[int] = []
    threads: set[int] = set()
    second = threading.Event()

    def items() -> Iterator[int]:
        for number in range(5):
            threads.add(threading.get_ident())
            made.append(number)
            if number == 1:
                second.set()
            yield number

    seen = []
    for item in ahead(items()):
        assert second.wait(20), "the second item is made during the first"
        assert len(made) <= item + 2, "and no further one"
        seen.append(item)
    assert seen == list(range(5))
    assert len(threads) == 1
    assert threading.get_ident() not in threads


def test_an_error_comes_in_its_turn() -> None:
    def items() -> Iterator[int]:
        yield 1
        raise ValueError("second")

    rest = ahead(items())
    assert next(rest) == 1
    with pytest.raises(ValueError, match="second"):
        next(rest)


def test_chunks() -> None:
    assert list(chunks(range(7), 3)) == [[0, 1, 2], [3, 4, 5], [6]]
    assert list(chunks([], 3)) == []
    assert list(ahead([])) == []

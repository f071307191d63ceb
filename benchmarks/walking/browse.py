"""Gestures on Browse and Inspect."""

from __future__ import annotations

from walking.controls import TYPING, facets, first_words, listed, open_list, search
from walking.user import User, gesture

OFTEN = {"outcome": 6, "char_class": 6, "family": 5, "label": 5, "split": 4, "base": 3, "pred": 3, "size": 2, "tag": 3}
REAL = ("beh", "latin", "digit", "U+0628", "kaf", "small letter", "yeh", "mark", "ب", "alef", "0", "e", "lam alef")
NONSENSE = ("qqqq", "U+FFFFFF", "<b>x</b>", "digit  ·  111", "'; drop table", "🙂", "  ", "beh" * 40, "%00", "\\")
PAGER = ".glyphs .pager button:not([disabled])"
CARD = ".glyphs .card"


@gesture("browse", 22)
def choose_in_facet(user: User) -> str | None:
    """Open a facet, sometimes type into it, and choose one value, or two."""
    panel = facets(user.page)
    names = panel.names()
    if not names:
        return None
    name = user.rng.choices(names, [OFTEN.get(value, 1) for value in names])[0]
    options = panel.open(name)
    heading = f"facet {name}:"
    if options.count() and user.chance(0.25):
        part = first_words(options.nth(user.rng.randrange(options.count())).inner_text()).split()
        typed = (part[0] if part else "a")[:3]
        if user.page.evaluate(TYPING):
            user.page.keyboard.type(typed)
            heading += f" type {typed!r},"
    for _ in range(2 if user.chance(0.2) else 1):
        count = options.count()
        if not count:
            break
        option = options.nth(user.rng.randrange(min(count, 5 if user.chance(0.6) else count)))
        words = first_words(option.inner_text())
        if words == "No results":
            break
        option.click()
        heading += f" choose {words!r}"
    panel.close()
    return heading


@gesture("browse", 9)
def exclude_in_facet(user: User) -> str | None:
    """Open a facet and exclude a value by its sign, by Alt and a click, or by Alt and Enter."""
    panel = facets(user.page)
    names = panel.names()
    if not names:
        return None
    name = user.rng.choices(names, [OFTEN.get(value, 1) for value in names])[0]
    options = panel.open(name)
    signs = options.filter(has=user.page.locator(".sign"))
    count = signs.count()
    if not count:
        panel.close()
        return f"facet {name}: nothing to exclude"
    option = signs.nth(user.rng.randrange(min(count, 8)))
    words, how = first_words(option.inner_text()), user.rng.randrange(3)
    if how == 0:
        option.locator(".sign").click()
    elif how == 1:
        option.click(modifiers=["Alt"])
    else:
        option.hover()
        user.page.keyboard.press("Alt+Enter")
    panel.close()
    return f"facet {name}: exclude {words!r}"


@gesture("browse", 4)
def open_group(user: User) -> str | None:
    """Open the group of a glyph by the sign on its card or by its key; where there are no groups, make some."""
    signs = user.page.locator(".glyphs .card .more:not(:empty)").locator("visible=true")
    if not signs.count():
        return _in_toolbar(user, "most")
    sign = signs.nth(user.rng.randrange(min(signs.count(), 12)))
    words = sign.inner_text()
    if user.chance(0.6):
        sign.click()
    else:
        sign.locator("xpath=ancestor::*[contains(@class, 'card')][1]").focus()
        user.press("+")
    return f"open {words}"


@gesture("browse", 4)
def at_most(user: User) -> str | None:
    return _in_toolbar(user, "most")


@gesture("browse", 4)
def sort(user: User) -> str | None:
    """Sort by the list above the glyphs, or by a header of the table."""
    headers = user.page.locator(".table thead button").locator("visible=true")
    if headers.count() and user.chance(0.7):
        header = headers.nth(user.rng.randrange(headers.count()))
        words = header.inner_text()
        header.click()
        return f"sort by {words}"
    return _in_toolbar(user, "sort")


def _in_toolbar(user: User, name: str) -> str | None:
    if name not in listed(user.page, "[data-testid=stMain]"):
        return None
    options = open_list(user.page, name)
    option = options.nth(user.rng.randrange(options.count()))
    words = first_words(option.inner_text())
    option.click()
    return f"{name}: {words!r}"


@gesture("browse", 5)
@gesture("inspect", 2)
@gesture("dashboard", 2)
@gesture("compare", 2)
@gesture("primitives", 2)
def undo_selection(user: User) -> str | None:
    """Undo one change of the selection, or two, or undo and redo."""
    if user.page.evaluate(TYPING):
        return None
    return user.press(*user.rng.choice((("Control+z",), ("Control+z", "Control+z"), ("Control+z", "Control+Shift+Z"),
                                        ("Control+Shift+Z",))))  # fmt: skip


@gesture("browse", 1)
def card_size(user: User) -> str | None:
    slider = user.page.locator(".glyphs .size").locator("visible=true").first
    if not slider.count():
        return None
    slider.focus()
    return user.press(*user.rng.choices(("ArrowRight", "ArrowLeft", "Home", "End"), k=2))


@gesture("browse", 3)
def hide_family(user: User) -> str | None:
    return user.press("h") if user.into(f"{CARD}.active") else None


@gesture("browse", 2)
def only_chosen(user: User) -> str | None:
    """Choose some cards of the page and browse only these, by the key or the button."""
    cards = user.page.locator(f"{CARD}:visible")
    count = cards.count()
    if not count:
        return None
    for i in user.rng.sample(range(count), min(count, user.rng.randrange(1, 6))):
        cards.nth(i).click(modifiers=["Control"])
    return user.press("b") if user.chance(0.5) else user.click("[data-do=only]:not([disabled])", "only")


@gesture("browse", 12)
def take_away(user: User) -> str | None:
    """Remove a chosen value of a facet."""
    panel = facets(user.page)
    for name in user.rng.sample(panel.names(), len(panel.names())):
        chips = panel.chips(name)
        if count := chips.count():
            chip = chips.nth(user.rng.randrange(count))
            words = first_words(chip.get_attribute("aria-label") or chip.inner_text())
            chip.click()
            return f"facet {name}: take {words!r} away"
    return None


@gesture("browse", 9)
def search_words(user: User) -> str | None:
    return _search(user, user.rng.choice(REAL))


@gesture("browse", 3)
def search_nonsense(user: User) -> str | None:
    return _search(user, user.rng.choice(NONSENSE))


@gesture("browse", 4)
def clear_search(user: User) -> str | None:
    field = search(user.page)
    return _search(user, "") if field.count() and field.input_value() else None


def _search(user: User, words: str) -> str | None:
    field = search(user.page)
    if not field.count():
        return None
    field.fill(words)
    user.press("Enter")
    user.rest = 300
    return f"search {words[:30]!r}"


@gesture("browse", 10)
def loosen(user: User) -> str | None:
    """Drop a filter by the button that the page offers where nothing passes the filters."""
    return user.click("[data-testid=stMain] [data-testid=stButton] button:has-text('Remove')", "drop")


@gesture("browse", 3)
def reset_filters(user: User) -> str | None:
    return user.click("button:has-text('Reset filters'):not([disabled])", "reset")


@gesture("browse", 2)
def drop_condition(user: User) -> str | None:
    if user.chance(0.5):
        return user.click(".selection button", "selection")
    return user.click("[data-testid=stSidebar] [data-testid=stButton] button:has-text('close')", "drop")


@gesture("browse", 6)
def turn_by_button(user: User) -> str | None:
    return user.click(f"{PAGER}, [data-testid=stMain] button:has-text('chevron'):not([disabled])", "turn")


@gesture("browse", 7)
def turn_by_key(user: User) -> str | None:
    if not user.into(f"{CARD}.active"):
        return None
    return user.press(*user.rng.choices(("n", "p", "<", ">", "PageDown", "PageUp"), (8, 4, 1, 1, 2, 1))[:1])


@gesture("browse", 5)
def move(user: User) -> str | None:
    if not user.into(f"{CARD}.active"):
        return None
    keys = user.rng.choices(
        ("ArrowRight", "ArrowLeft", "ArrowDown", "ArrowUp", "Home", "End"), k=user.rng.randint(1, 6)
    )
    return user.press(*keys)


@gesture("browse", 5)
def open_by_click(user: User) -> str | None:
    return user.click(CARD, "card", first=40)


@gesture("browse", 5)
def open_by_key(user: User) -> str | None:
    return user.press("ArrowRight", "Enter") if user.into(f"{CARD}.active") else None


@gesture("browse", 4)
def choose_many(user: User) -> str | None:
    if not user.into(f"{CARD}.active"):
        return None
    how = user.rng.randrange(3)
    if how == 0:
        return user.press("Space", "ArrowRight", "Space")
    if how == 1:
        return user.press("Control+a", "Escape")
    card = user.some(CARD, first=30)
    assert card is not None
    card.click(modifiers=["Shift"])
    return "Shift and click on a card"


@gesture("browse", 8)
@gesture("inspect", 6)
def tag(user: User) -> str | None:
    if not _at_glyph(user):
        return None
    user.tagged = True
    return user.press(user.rng.choice("mad"))


@gesture("browse", 3)
@gesture("inspect", 2)
def another_tag(user: User) -> str | None:
    if not _at_glyph(user):
        return None
    user.tagged = True
    words = user.rng.choice(("thin stem", "café", "1", "a · b", "Digit  ·  111"))
    user.given.add(" ".join(words.split()))
    user.press("t")
    return f"tag {words!r}" if _typed(user, words) else "press t"


@gesture("browse", 3)
@gesture("inspect", 2)
def note(user: User) -> str | None:
    if not _at_glyph(user):
        return None
    user.tagged = True
    user.press("o")
    return "note" if _typed(user, user.rng.choice(("see 2", "", "<i>odd</i>", "ب"))) else "press o"


@gesture("browse", 2)
@gesture("inspect", 4)
def correct_a_label(user: User) -> str | None:
    """Correct a label by the key of a candidate where there are some, else by typing words, which may mean nothing."""
    if not _at_glyph(user):
        return None
    user.tagged = True
    user.given.add("corrected")
    if user.seen.page == "inspect" and user.chance(0.6):
        return user.press(user.rng.choice("12345"))
    words = user.rng.choice(("ب", "U+0628", "beh_init", "digit one", "no such label", ""))
    user.press("e")
    return f"corrected to {words!r}" if _typed(user, words) else "press e"


@gesture("browse", 3)
@gesture("inspect", 2)
def undo(user: User) -> str | None:
    if not _at_glyph(user):
        return None
    user.tagged = True
    return user.press("u")


def _at_glyph(user: User) -> bool:
    marks = user.page.locator(".marks .chosen")
    return bool(marks.count()) and (user.into(f"{CARD}.active") or user.into(".inspector .board"))


def _typed(user: User, words: str) -> bool:
    if not user.page.evaluate(TYPING):
        user.press("Escape")
        return False
    user.page.keyboard.type(words)
    user.press("Enter")
    return True


@gesture("browse", 4)
def open_view(user: User) -> str | None:
    return _in_popover(user, "Views", "button:not(:has-text('delete')):not(:has-text('Save'))", "view")


@gesture("browse", 2)
def keep_view(user: User) -> str | None:
    user.page.locator("[data-testid=stSidebar] button", has_text="Views").first.click()
    name = f"view {user.rng.randrange(4)}"
    user.page.get_by_label("Save this view as").fill(name)
    user.page.get_by_role("button", name="Save", exact=True).click()
    user.press("Escape")
    return f"keep {name!r}"


@gesture("browse", 1)
def forget_view(user: User) -> str | None:
    return _in_popover(user, "Views", "button:has-text('delete')", "forget")


def _in_popover(user: User, title: str, selector: str, words: str) -> str | None:
    user.page.locator("[data-testid=stSidebar] button", has_text=title).first.click()
    body = "[data-testid=stPopoverBody]"
    user.page.locator(body).locator("visible=true").first.wait_for()
    answer = user.click(f"{body} {selector}", words)
    user.press("Escape")
    return answer


@gesture("browse", 2)
def cells_or_likeness(user: User) -> str | None:
    label = user.rng.choice(("Primitives in cells", "Similar to glyph"))
    field = user.page.get_by_role("textbox", name=label, exact=True).first
    if not field.count():
        summary = user.page.locator("[data-testid=stExpander] summary", has_text="Cells and similarity").first
        if not summary.count():
            return None
        summary.click()
        field.wait_for()
    words = user.rng.choice(
        ("any=17", "5,3=*", "nonsense", "") if label == "Primitives in cells" else ("17", "abc", "")
    )
    field.fill(words)
    user.press("Enter")
    return f"{label}: {words!r}"


# --- Inspect


@gesture("inspect", 12)
def next_glyph(user: User) -> str | None:
    if not user.into(".inspector .board") and not user.into(".inspector [data-panel='']"):
        return None
    return user.press(*user.rng.choices("][kj", (6, 3, 2, 2), k=user.rng.choice((1, 1, 1, 3))))


@gesture("inspect", 5)
def next_by_button(user: User) -> str | None:
    return user.click(".inspector header button[data-go]:not([disabled])", "inspect")


@gesture("inspect", 8)
def panel(user: User) -> str | None:
    if user.chance(0.5):
        return user.click(".inspector [data-panel]", "panel")
    return user.press(user.rng.choice("qESFMNL")) if user.into(".inspector [data-panel='']") else None


@gesture("inspect", 4)
def layers(user: User) -> str | None:
    if user.chance(0.4):
        return user.click(".inspector .layers button:not([disabled])", "layer")
    return user.press(user.rng.choice("grsvciwA")) if user.into(".inspector [data-panel='']") else None


@gesture("inspect", 3)
def cells(user: User) -> str | None:
    if not user.into(".inspector .board"):
        return None
    return user.press(*user.rng.choices(("ArrowRight", "ArrowDown", "ArrowLeft", "x"), k=4))


@gesture("inspect", 4)
def edit(user: User) -> str | None:
    tab = user.page.locator(".inspector [data-panel=edit][aria-selected=true]")
    if not tab.count() or not user.into(".inspector .board"):
        return None
    return user.press(*user.rng.choices(("Delete", "y", "Y", "z", "Z", "ArrowRight"), k=2))


@gesture("inspect", 6)
def another_glyph(user: User) -> str | None:
    return user.click(".inspector .example, .inspector .near-card, .inspector .more button", "glyph")


@gesture("inspect", 3)
def to_selection(user: User) -> str | None:
    return user.press("Escape") if user.into(".inspector .board") else None


@gesture("inspect", 2)
def models(user: User) -> str | None:
    return user.click(".inspector .files input:not([disabled]), .inspector .opinion button", "checkpoint")

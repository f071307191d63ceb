"""Gestures on the pages of figures: Dashboard, Compare, Primitives, Map; and on Fonts and PDF."""

from __future__ import annotations

from walking.controls import (
    CHOICE,
    TITLES,
    TYPING,
    boxes,
    close_box,
    close_list,
    first_words,
    listed,
    open_box,
    open_list,
)
from walking.user import User, gesture

MAIN, SIDE = "[data-testid=stMain]", "[data-testid=stSidebar]"
OPTION = f"{MAIN} [data-testid=stButtonGroup] button, {MAIN} .choices .segments button"


@gesture("browse", 4)
@gesture("dashboard", 2)
@gesture("primitives", 9)
@gesture("map", 1)
@gesture("fonts", 4)
def choose_in_box(user: User) -> str | None:
    """Choose another value in one of the select boxes of the page: sort, results, split, kind."""
    return _choose(user, MAIN)


@gesture("browse", 1.5)
@gesture("compare", 7)
@gesture("fonts", 5)
def choose_in_sidebar(user: User) -> str | None:
    return _choose(user, SIDE, ("Results",) if user.seen.page == "browse" else None)


def _choose(user: User, inside: str, only: tuple[str, ...] | None = None) -> str | None:
    """Choose another option in a select box, or in a list of the component of choices."""
    page = user.page
    lists = [name for name in listed(page, inside) if name not in TITLES and (only is None or name.title() in only)]
    labels = [label for label in boxes(page, inside) if only is None or label in only]
    if not labels and not lists:
        return None
    name = user.rng.choice([*labels, *lists])
    options = open_list(page, name) if name in lists else open_box(page, name, f"{inside} ")
    close = close_list if name in lists else close_box
    if not options.count():
        close(page)
        return None
    option = options.nth(user.rng.randrange(options.count()))
    words = first_words(option.inner_text())
    option.click()
    close(page)
    return f"{name}: {words!r}"


@gesture("compare", 2)
def leave_out(user: User) -> str | None:
    """Remove a checkpoint from the comparison."""
    return user.click(f"{SIDE} .react-aria-ComboBox [data-tag] button, {SIDE} {CHOICE} .chip", "leave out")


@gesture("browse", 4)
@gesture("dashboard", 16)
@gesture("compare", 7)
@gesture("primitives", 5)
@gesture("fonts", 7)
def segment(user: User) -> str | None:
    """Click one of several options that stand side by side: layout, part, split, criterion, verdict."""
    return user.click(OPTION, "segment")


@gesture("browse", 2)
@gesture("dashboard", 3)
@gesture("fonts", 3)
def slide(user: User) -> str | None:
    slider = user.some("[role=slider], input[type=range]")
    if slider is None:
        return None
    slider.focus()
    user.rest = 350
    return "slider: " + user.press(*[user.rng.choice(("ArrowRight", "ArrowLeft"))] * user.rng.randint(1, 4))


@gesture("browse", 1)
@gesture("compare", 1)
@gesture("primitives", 1)
@gesture("fonts", 2)
def export(user: User) -> str | None:
    """Download an export; large selections are skipped because they take long."""
    if user.seen.headline is not None and user.seen.headline[0] > 3000:
        return None
    popover = user.page.locator(f"{MAIN} [data-testid=stPopover] button", has_text="Export").first
    if popover.count():
        popover.click()
    button = user.some("[data-testid=stDownloadButton] button")
    if button is None:
        return None
    with user.page.expect_download(timeout=30_000) as download:
        button.click()
    name = download.value.suggested_filename
    user.press("Escape")
    return f"download {name}"


# --- Dashboard


@gesture("dashboard", 14)
def figure(user: User) -> str | None:
    """Click a figure, which leads to its glyphs."""
    return user.click(".sheet a[href]", "figure")


@gesture("dashboard", 8)
def pick(user: User) -> str | None:
    return user.click(".sheet [data-pick]", "figure")


@gesture("dashboard", 8)
def put(user: User) -> str | None:
    return user.click(".sheet [data-put]", "sheet")


# --- Compare


@gesture("compare", 8)
def pair(user: User) -> str | None:
    return user.click(".compare button:not([disabled])", "compare")


@gesture("compare", 5)
def change(user: User) -> str | None:
    return user.click(".changes button", "what moved")


@gesture("dashboard compare primitives map inspect", 3)
def drop_condition(user: User) -> str | None:
    """Remove a condition of the selection, or all of them."""
    return user.click(".selection button", "selection")


@gesture("dashboard compare primitives", 4)
def loosen(user: User) -> str | None:
    """Drop a condition by the button that the page offers where nothing passes the selection."""
    return user.click(f"{MAIN} [data-testid=stButton] button:has-text('Remove')", "drop")


@gesture("compare", 6)
def flip(user: User) -> str | None:
    if not user.into(".flips .card.active"):
        return None
    user.rest = 700
    return user.press(*user.rng.choices(("ArrowRight", "ArrowLeft", "ArrowDown", "End", "x", "c", "g", "r"), k=3))


@gesture("compare", 5)
def turn_flips(user: User) -> str | None:
    if user.chance(0.5):
        return user.click(".flips .pager button:not([disabled])", "turn")
    return user.press(user.rng.choice("npnn<>")) if user.into(".flips .card.active") else None


@gesture("compare", 3)
def inspect_flip(user: User) -> str | None:
    user.rest = 300
    if user.chance(0.5):
        return user.click(".flips .inspect", "inspect")
    return user.press("Enter") if user.into(".flips .card.active") else None


# --- Primitives


@gesture("primitives", 7)
def walk_board(user: User) -> str | None:
    if not user.into(".codebook .board"):
        return None
    user.rest = 250
    return user.press(*user.rng.choices(("ArrowRight", "ArrowDown", "ArrowLeft", "ArrowUp", "Home", "End"), k=3))


@gesture("primitives", 5)
def click_board(user: User) -> str | None:
    board = user.page.locator(".codebook .board canvas").locator("visible=true").first
    box = board.bounding_box() if board.count() else None
    if box is None:
        return None
    user.page.mouse.click(
        box["x"] + user.rng.random() * box["width"], box["y"] + user.rng.random() * min(300, box["height"])
    )
    user.rest = 250
    return "click on the board"


@gesture("primitives", 6)
def tile(user: User) -> str | None:
    return user.click(".codebook .tile", "primitive")


@gesture("primitives", 7)
def to_glyphs(user: User) -> str | None:
    return user.click(".codebook a[data-cells], .codebook a[data-glyph]", "link")


@gesture("primitives", 3)
def by_key(user: User) -> str | None:
    return user.press(user.rng.choice(("b", "B", "Enter"))) if user.into(".codebook .board") else None


@gesture("primitives", 2)
def heat(user: User) -> str | None:
    return user.press("ArrowRight", "ArrowDown", "Enter") if user.into(".codebook .heat") else None


# --- Map


@gesture("map", 9)
def lasso(user: User) -> str | None:
    """Draw a lasso around some glyphs, and mostly browse them."""
    stage = user.page.locator(".map .stage > canvas").first
    box = stage.bounding_box() if stage.count() else None
    if box is None:
        return None
    user.rest = 700
    user.page.locator(".map .lasso").click()
    mouse, rng = user.page.mouse, user.rng
    x, y = box["x"] + box["width"] * rng.uniform(0.3, 0.6), box["y"] + box["height"] * rng.uniform(0.3, 0.5)
    side = box["height"] * rng.uniform(0.1, 0.35)
    mouse.move(x, y)
    mouse.down()
    for dx, dy in ((1, 0), (1, 1), (0, 1)):
        mouse.move(x + dx * side, y + dy * side, steps=3)
    mouse.up()
    return f"lasso, {_caught(user)}"


@gesture("map", 4)
def in_view(user: User) -> str | None:
    if not user.into(".map .stage"):
        return None
    user.rest = 700
    user.press("Control+a")
    return f"what is in view, {_caught(user)}"


def _caught(user: User) -> str:
    how = user.rng.choices(("browse", "wrongs", "clear", ""), (6, 3, 1, 1))[0]
    button = user.page.locator(f".map .actions .{how}:not([disabled])").first if how else None
    if button is None or not button.count():
        return "left so"
    button.click()
    return how


@gesture("map", 6)
def zoom(user: User) -> str | None:
    user.rest = 700
    if user.chance(0.5):
        return user.click(".map .tools button:not(.lasso)", "map")
    return user.press(user.rng.choice(("+", "-", "0", "Shift+ArrowRight"))) if user.into(".map .stage") else None


@gesture("map", 4)
def colour(user: User) -> str | None:
    user.rest = 700
    return user.press("c") if user.into(".map .stage") else None


@gesture("map", 4)
def find(user: User) -> str | None:
    field = user.page.locator(".map .find").first
    if not field.count():
        return None
    words = user.rng.choice(("beh", "ب", "Amiri", "zzz", ""))
    field.fill(words)
    user.rest = 700
    return f"highlight {words!r}"


@gesture("map", 3)
def legend(user: User) -> str | None:
    return user.click(".map .legend button", "legend", first=6)


@gesture("map", 5)
def point(user: User) -> str | None:
    """Move to a glyph by arrow keys, and open it in Inspect."""
    if not user.into(".map .stage"):
        return None
    user.rest = 700
    return user.press("ArrowRight", "ArrowDown", *(["Enter"] if user.chance(0.6) else []))


# --- Fonts


@gesture("fonts", 8)
def upload(user: User) -> str | None:
    if user.page.locator(".fontsheet").count() and user.chance(0.8):
        return None
    field = user.page.locator(f"{SIDE} input[type=file]").first
    if not field.count():
        return None
    path = user.rng.choice(user.fonts)
    field.set_input_files(path)
    user.rest = 600
    return f"upload {path.name[13:]}"


@gesture("fonts", 9)
def confirm(user: User) -> str | None:
    if not user.into(".fontsheet .card.active"):
        return None
    return user.press(*user.rng.choices(("Enter", "1", "2", "u", "ArrowRight", "ArrowDown"), k=2))


@gesture("fonts", 3)
def type_character(user: User) -> str | None:
    if not user.into(".fontsheet .card.active"):
        return None
    user.press("e")
    if not user.page.evaluate(TYPING):
        return "press e"
    words = user.rng.choice(("U+4E2D", "ب", "beh_init", "beh_innit", "zz"))
    user.page.keyboard.type(words)
    user.press("Enter")
    return f"it is {words!r}"


@gesture("fonts", 4)
def turn_sheet(user: User) -> str | None:
    if user.chance(0.5):
        return user.click(".fontsheet .pager button:not([disabled])", "turn")
    return user.press(user.rng.choice("npn><")) if user.into(".fontsheet .card.active") else None


@gesture("fonts", 2)
def whole(user: User) -> str | None:
    return user.click(f"{SIDE} [data-testid=stCheckbox] label", "toggle")


# --- PDF


@gesture("pdf", 8)
def upload_pdf(user: User) -> str | None:
    if user.page.locator(".pdf").count() and user.chance(0.8):
        return None
    field = user.page.locator(f"{SIDE} input[type=file]").first
    if not field.count():
        return None
    path = user.rng.choice(user.pdfs)
    field.set_input_files(path)
    user.rest = 600
    return f"upload {path.name}"


@gesture("pdf", 9)
def look_through_pdf(user: User) -> str | None:
    if not user.into(".pdf .sheet"):
        return None
    return user.press(*user.rng.choices(("ArrowRight", "ArrowLeft", "x", "n", "p"), k=3))


@gesture("pdf", 5)
def confirm_in_pdf(user: User) -> str | None:
    if not user.into(".pdf .sheet"):
        return None
    return user.press(user.rng.choice(("1", "2", "u")))


@gesture("pdf", 3)
def choose_pdf(user: User) -> str | None:
    return _choose(user, SIDE)

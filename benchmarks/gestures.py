"""Gestures in a page of the app, timed inside it: from a key or a click until the answer is painted and the app is
idle."""

from __future__ import annotations

import time

from playwright.async_api import Page

CHROMIUM = "/usr/bin/chromium"
FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]

PRESS = """async (root, [key, inside]) => {
  const part = root.querySelector(inside);
  const state = () => [...root.querySelectorAll('[data-id]')].map((e) => e.dataset.id).join() + part.textContent;
  const app = document.querySelector('[data-testid=stApp]');
  const frame = () => new Promise(requestAnimationFrame);
  const before = state(), start = performance.now();
  const until = async (sign) => {
    while (sign()) {
      if (performance.now() - start > 20000) return null;
      await frame();
    }
    await frame();
    return performance.now() - start;
  };
  document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }));
  const painted = await until(() => state() === before || root.hasAttribute('aria-busy'));
  const idle = await until(() => 'following' in root.dataset || app.dataset.testScriptState === 'running');
  return [painted, idle];
}"""
"""Press a key in a component and wait until it shows another content and is not busy (painted), then until the server
has followed and no script runs (idle). Each wait ends with a frame."""

CLICK = PRESS.replace("[key, inside]", "[which, inside]").replace(
    """document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }));""",
    "root.querySelector(which).click();",
)
"""The same for a click on the first element that ``which`` selects."""

CHOOSE = PRESS.replace("[key, inside]", "[panel, clicks, inside, altKey]").replace(
    """document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key, bubbles: true, composed: true, cancelable: true }));""",
    """for (const which of clicks) {
    const alt = altKey && which.startsWith('[role=option]');
    panel.querySelector(which).dispatchEvent(
      new MouseEvent('click', { bubbles: true, composed: true, cancelable: true, altKey: alt }));
  }""",
)
CHOOSE = CHOOSE.replace(
    "const part = root.querySelector(inside);",
    """const name = `.${root.classList[root.classList.length - 1]}`;
  const find = (node) => {
    for (const each of node.querySelectorAll('*')) {
      if (each.matches(name)) return each;
      const deeper = each.shadowRoot && find(each.shadowRoot);
      if (deeper) return deeper;
    }
  };""",
)
CHOOSE = CHOOSE.replace(
    "const state = () => [", "const state = () => (root = root.isConnected ? root : find(document) ?? root) && ["
).replace("part.textContent", "(root.querySelector(inside)?.textContent ?? '')")
"""The same for clicks, one right after the other, in the panel of choices beside the component. A filter can create the
component anew; then the new component counts."""

OPENED = """async (root, [which, wanted, words = '']) => {
  const find = (node) => {
    for (const each of node.querySelectorAll('*')) {
      if (each.matches(wanted)) return each;
      const inside = each.shadowRoot && find(each.shadowRoot);
      if (inside) return inside;
    }
  };
  const app = document.querySelector('[data-testid=stApp]');
  const frame = () => new Promise(requestAnimationFrame);
  const start = performance.now();
  const until = async (sign) => {
    while (sign()) {
      if (performance.now() - start > 20000) return null;
      await frame();
    }
    await frame();
    return performance.now() - start;
  };
  (which ? root.querySelector(which) : root).click();
  const shows = (text) => text && text.includes(words);
  const painted = await until(() => !shows(find(document)?.textContent));
  const idle = await until(() => app.dataset.testScriptState === 'running');
  return [painted, idle];
}"""
"""Click an element that leads to another page (``which`` in the element, or the element itself). Wait until ``wanted``
shows a text with ``words`` there (painted), then until no script runs (idle)."""

TAGGED = """async (root) => {
  const sent = () => [...root.querySelectorAll('[data-tag]')].map((e) => e.ariaPressed).join();
  const frame = () => new Promise(requestAnimationFrame);
  const before = sent(), start = performance.now();
  document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'm', bubbles: true, composed: true, cancelable: true }));
  while (sent() === before || 'sending' in root.dataset) {
    if (performance.now() - start > 20000) return null;
    await frame();
  }
  return performance.now() - start;
}"""
"""Press the key of a tag and wait until the button shows it and the server has confirmed that it is stored."""

TAG_CLICKED = TAGGED.replace(
    """document.activeElement.dispatchEvent(
    new KeyboardEvent('keydown', { key: 'm', bubbles: true, composed: true, cancelable: true }));""",
    "root.querySelector('[data-tag]').click();",
)
"""The same for a click on the button of the first tag."""

CHANGED = """([root, before]) => {
  const find = (node) => {
    for (const each of node.querySelectorAll('*')) {
      if (each.matches(root)) return each;
      const inside = each.shadowRoot && find(each.shadowRoot);
      if (inside) return inside;
    }
  };
  const found = find(document)?.querySelector('.place')?.textContent;
  return found && found !== before;
}"""
"""The text of a component's line of position, once it has changed."""


LASSO = """async (root) => {
  const { left, top, width, height } = root.querySelector('.marks').getBoundingClientRect();
  const send = (type, x, y) => root.querySelector('.marks').dispatchEvent(new PointerEvent(type, {
    clientX: left + x * width, clientY: top + y * height, shiftKey: true, pointerId: 1, isPrimary: true, bubbles: true,
    composed: true }));
  const frame = () => new Promise(requestAnimationFrame);
  const corners = [[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]];
  send('pointerdown', ...corners[0]);
  for (const corner of [...corners, corners[0]]) { send('pointermove', ...corner); await frame(); }
  const said = () => root.querySelector('.chosen').textContent;
  const before = said(), start = performance.now();
  send('pointerup', ...corners[0]);
  while (said() === before) {
    if (performance.now() - start > 20000) return null;
    await frame();
  }
  await frame();
  return performance.now() - start;
}"""
"""Draw a lasso around the middle of the map; measure from its end until the choice is on the screen."""


async def press(page: Page, root: str, key: str, inside: str) -> tuple[float, float]:
    """Return the milliseconds from a key press to painted and to idle."""
    painted, idle = await page.locator(root).evaluate(PRESS, [key, inside])
    if painted is None or idle is None:
        raise SystemExit(f"{key!r} in {root} changed nothing in 20 s.")
    return painted, idle


async def choose(page: Page, facet: str, value: str, *, exclude: bool = False) -> tuple[float, float]:
    """Open a facet's list and click a value in it, with Alt to exclude it; return the milliseconds to painted and to
    idle."""
    several = await page.locator(f".choice[data-name={facet}] .chooser .none").count()
    opening = f".choice[data-name={facet}] .chooser"
    # A list with several choices stays open until its chooser is clicked again.
    clicks = [opening, f'[role=option][data-value="{value}"]', *([opening] if several else [])]
    return await _in_panel(page, facet, clicks, exclude=exclude)


async def take_away(page: Page, facet: str, value: str) -> tuple[float, float]:
    """Do the same for a click on a chosen value, which removes it."""
    return await _in_panel(page, facet, [f'.choice[data-name={facet}] .chip[data-value="{value}"]'])


async def _in_panel(page: Page, facet: str, clicks: list[str], *, exclude: bool = False) -> tuple[float, float]:
    panel = await page.locator(".choices").filter(has=page.locator(f".choice[data-name={facet}]")).element_handle()
    painted, idle = await page.locator(".glyphs").evaluate(CHOOSE, [panel, clicks, ".place", exclude])
    if painted is None or idle is None:
        raise SystemExit(f"{clicks[-1]} changed nothing in 20 s.")
    return painted, idle


def both(name: str, taken: list[tuple[float, float]]) -> dict[str, list[float]]:
    """Return the figures of a gesture whose answer is on the screen before the server has followed."""
    return {f"{name}, idle": [idle for _, idle in taken], f"{name}, painted": [painted for painted, _ in taken]}


async def idle(page: Page) -> None:
    """Wait until no script runs and nothing is stale."""
    await page.wait_for_function(
        "document.querySelector('[data-testid=stApp]')?.dataset.testScriptState === 'notRunning'"
        " && !document.querySelector('[data-stale=true]')"
    )


async def opened(page: Page, path: str, sign: str) -> float:
    """Return the milliseconds from entering an address to a painted, idle page with ``sign`` on it."""
    start = time.perf_counter()
    await page.goto(path, wait_until="commit")
    await page.locator(sign).first.wait_for()
    await idle(page)
    return 1000 * (time.perf_counter() - start)

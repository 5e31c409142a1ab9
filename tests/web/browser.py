"""Chromium, where the machine has one (in CI it must), and how a page is looked at: by axe, and for its width."""

import os
from pathlib import Path
from typing import Any

import pytest

CHROMIUM = Path("/usr/bin/chromium")
QUIET = [
    *("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync"),
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESK = 360, 1200
#: Both layouts and both languages meet axe; the width of a page is measured in all four.
FORMS = pytest.mark.parametrize(("lang", "width"), [("th", PHONE), ("en", DESK)])


def chromium_file() -> str:
    """Where Chromium stands; without one the test is skipped, and in CI it fails."""
    if not CHROMIUM.exists():
        if os.environ.get("CI", "").lower() in ("1", "true", "yes"):
            pytest.fail("chromium is missing; in CI the pages must be tested in a browser")
        pytest.skip("chromium is missing: the pages are not tested in a browser")
    return str(CHROMIUM)


#: Unfold everything, let axe look, and tell whether our style is there and whether the page is wider than the screen.
#: All at once, and no more than is asked for: what goes through between us and a page costs more than some rules do.
EYES = """async tags => {
    for (const each of document.querySelectorAll("details")) each.open = true;
    const found = await axe.run({runOnly: {type: "tag", values: tags}, resultTypes: ["violations"]});
    return {
        passes: found.passes.length,
        faults: found.violations.flatMap(one => one.nodes.map(node => `${one.id}: ${node.html.slice(0, 120)}`)),
    };
}"""
WIDER = "document.documentElement.scrollWidth > document.documentElement.clientWidth"


def opened(chromium: Any, axe: str, **how: Any) -> Any:
    """A new page, on each of whose addresses axe is there: sent once.  The pages' own CSP blocks a script tag."""
    page = chromium.new_page(**how)
    page.add_init_script(axe)
    return page


def faults(page: Any) -> list[str]:
    """What axe finds on an opened page with everything unfolded: rule and element."""
    found = page.evaluate(EYES, TAGS)
    assert found["passes"] > 10
    return list(found["faults"])


class Look:
    """Somebody who looks at one page after another in one form, and remembers every fault."""

    def __init__(self, chromium: Any, axe: str, address: str, lang: str, width: int) -> None:
        self.page = opened(chromium, axe, viewport={"width": width, "height": 800})
        self.page.on("console", self.hear)
        self.address, self.lang, self.width = address, lang, width
        self.found: list[str] = []

    def hear(self, said: Any) -> None:
        """A policy that stops something of ours is a fault; one that stops axe's own style is not."""
        if "Content Security" in said.text:
            self.found.append(said.text)

    def at(self, *paths: str) -> None:
        """Open each page and look at it."""
        for path in paths:
            self.page.goto(f"{self.address}{path}{'&' if '?' in path else '?'}lang={self.lang}")
            self.here(path)

    def here(self, name: str) -> None:
        """Look at the page that is open, with everything unfolded, and whether it fits a phone and a desk."""
        self.found += [f"{name} {fault}" for fault in faults(self.page)]
        assert self.page.evaluate("getComputedStyle(document.querySelector('.top')).borderBottomWidth") == "1px"
        for width in (PHONE + DESK - self.width, self.width):
            self.page.set_viewport_size({"width": width, "height": 800})
            if self.page.evaluate(WIDER):
                self.found.append(f"{name} is wider than a screen of {width}")

    def close(self) -> None:
        """Nothing more to look at: nothing may have been found."""
        self.page.close()
        assert self.found == []

"""Sizes, colours, and HTML that is what the standard says."""
import re
import shutil
import subprocess

import pytest

from test_looking import base

PAGES = ("/ui", "/ui?verdict=deny", "/ui/policies", "/ui/replica", "/ui?image=nothing-has-this", "/ui/nothing")


def decision(page, site):
    page.open(base(site) + "/ui?verdict=deny")
    return page.value("document.querySelector('tbody th a').href").replace(base(site), "")


def forget_status(page):
    page.events = [event for event in page.events if event["method"] != "Log.entryAdded" or "404" not in str(event)]


@pytest.mark.parametrize("width", [320, 375, 768, 1080, 1081, 1280, 1600, 2560])
def test_no_page_is_wider_than_its_window(site, tab, width):
    page = tab(width=width)
    for path in (*PAGES, decision(page, site)):
        page.open(base(site) + path)
        assert page.value("document.documentElement.scrollWidth") <= width, path
        beyond = page.value("[...document.querySelectorAll('main *')].filter(e => !e.closest('.unseen, thead') && e.getBoundingClientRect().right > innerWidth + 1).map(e => e.outerHTML.slice(0, 80))")
        assert beyond == [], path
    forget_status(page)


@pytest.mark.parametrize("width", [320, 1600])
def test_nothing_lies_over_its_neighbour(site, tab, width):
    """What stands in a cell stays in it."""
    page = tab(width=width)
    for path in ("/ui", "/ui/policies", decision(page, site)):
        page.open(base(site) + path)
        assert page.value("[...document.querySelectorAll('td, tbody th')].filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.innerText)") == [], path


CONTRAST = """
(() => {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', {willReadFrequently: true});
  const rgb = colour => { canvas.clearRect(0, 0, 1, 1); canvas.fillStyle = colour; canvas.fillRect(0, 0, 1, 1); return [...canvas.getImageData(0, 0, 1, 1).data]; };
  const light = c => { const [r, g, b] = c.map(x => (x /= 255) <= .04045 ? x / 12.92 : ((x + .055) / 1.055) ** 2.4); return .2126 * r + .7152 * g + .0722 * b; };
  const paper = e => { for (; e; e = e.parentElement) { const c = rgb(getComputedStyle(e).backgroundColor); if (c[3] === 255) return c; } return [255, 255, 255]; };
  const bad = [];
  for (const e of document.querySelectorAll('body *')) {
    if (![...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) || e.closest('.unseen, .skip')) continue;
    const [a, b] = [light(rgb(getComputedStyle(e).color).slice(0, 3)), light(paper(e).slice(0, 3))].sort((x, y) => y - x);
    const ratio = (a + .05) / (b + .05);
    if (ratio < 4.5) bad.push(e.innerText.slice(0, 40) + ' ' + ratio.toFixed(2));
  }
  return bad;
})()
"""


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_colours(site, tab, dark):
    """Text can be read: a contrast of 4.5 at least, as WCAG 2.2 asks (1.4.3)."""
    page = tab(dark=dark)
    for path in (*PAGES, decision(page, site)):
        page.open(base(site) + path)
        assert page.value("getComputedStyle(document.body).backgroundColor") == ("rgb(20, 23, 26)" if dark else "rgb(252, 252, 250)")
        assert page.value(CONTRAST) == [], path
    forget_status(page)


def test_verdicts_differ_without_colour(site, tab):
    """By their words, and by their shapes."""
    page = tab()
    page.open(base(site) + "/ui")
    shapes = page.value("Object.fromEntries([...document.querySelectorAll('tbody .verdict')].map(e => [e.innerText, (s => s.borderRadius + s.clipPath)(getComputedStyle(e, '::before'))]))")
    assert set(shapes) == {"Allowed", "Denied", "Error"} and len(set(shapes.values())) == 3


def test_larger_text(site, tab):
    """At 200 % nothing is cut off (WCAG 1.4.4): the window is half as wide."""
    page = tab(width=640)
    page.open(base(site) + "/ui")
    assert page.value("document.documentElement.scrollWidth") <= 640


# Of HTML Tidy 5.6, which does not know these attributes, nor groups of terms (<dl><div><dt>, HTML 5.2), and would trim
# what is empty.
TIDY_KNOWS_BETTER = re.compile(r'trimming empty|proprietary attribute "(aria-current|autocapitalize)"')


def test_valid(site):
    """HTML Tidy finds no error, and nothing to warn of."""
    tidy = shutil.which("tidy")
    assert tidy, "scripts/setup --browser installs it"
    first = re.search(r"/ui/decision/\d+", site.get_plain("/ui?verdict=deny").body.decode()).group(0)
    for path in (*PAGES, first):
        html = site.get_plain(path).body.replace(b"<div><dt>", b"<dt>").replace(b"</dd></div>", b"</dd>")
        run = subprocess.run([tidy, "-q", "-e", "--show-info", "yes", "--warn-proprietary-attributes", "yes"], input=html, capture_output=True)
        assert [line for line in run.stderr.decode().splitlines() if not TIDY_KNOWS_BETTER.search(line)] == [], path

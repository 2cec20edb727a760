"""Reviews with hostile text in every field, in a real browser: it is read, and does nothing."""
import pytest

import world
from test_looking import base

PAGES = ("/ui", "/ui?since=1h", "/ui/policies", "/ui/replica")


def assert_nothing_happened(page):
    """No element, attribute or address that is not the page's own. (Complaints and requests: the fixture.)"""
    assert page.value("document.querySelectorAll('script, img, iframe, object, embed, svg, base, form form').length") == 0
    assert page.value("document.querySelectorAll('style').length") == 1
    assert page.value("[...document.querySelectorAll('*')].flatMap(e => [...e.attributes]).filter(a => /^on|^style$|^autofocus$|^accesskey$/i.test(a.name)).length") == 0
    assert page.value("[...document.querySelectorAll('a, form')].every(e => new URL(e.href || e.action).origin === location.origin)")
    assert page.value("getComputedStyle(document.body).display") == "block"
    assert page.value("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("path", PAGES)
def test_lists(hostile, tab, path):
    page = tab()
    assert page.open(base(hostile) + path) == 200
    assert_nothing_happened(page)


@pytest.mark.parametrize("name", world.HOSTILE)
@pytest.mark.parametrize("width", [320, 1600])
def test_details(hostile, tab, name, width):
    """Found by the text itself as a filter, and shown whole."""
    page = tab(width=width)
    text = world.HOSTILE[name]
    address = page.value(f"'{base(hostile)}/ui?kind=' + encodeURIComponent({world.json.dumps(text)})")
    page.open(address if len(text.encode()) <= 256 else base(hostile) + "/ui?verdict=deny")
    assert_nothing_happened(page)
    paths = page.value("[...document.querySelectorAll('tbody th a')].map(a => a.href)")
    assert paths
    wanted, found = hostile.texts[name], []
    for path in paths:
        page.open(path)
        assert_nothing_happened(page)
        facts = page.value("Object.fromEntries([...document.querySelectorAll('dl div')].map(d => [d.children[0].textContent, d.children[1].textContent]))")
        if wanted in facts.get("uid", ""):
            found.append(facts)
    assert found
    whole = next(facts for facts in found if facts["Kind"] != "Pod")
    for fact in ("Kind", "Namespace", "Name", "Subresource", "User", "uid"):
        assert wanted in whole[fact], (fact, whole[fact])
    assert whole["API version"] == f"{wanted}/{wanted}"


def test_a_link_leads_to_its_own(hostile, tab):
    """The filter of a hostile name finds what has that name, and nothing else."""
    page = tab()
    page.open(base(hostile) + "/ui?kind=Pod")
    for name, text in world.HOSTILE.items():
        if len(text.encode()) > 256:
            continue
        page.open(page.value(f"'{base(hostile)}/ui?user=' + encodeURIComponent({world.json.dumps(text)})"))
        users = page.value("[...document.querySelectorAll('td.user')].map(e => e.textContent)")
        assert users and {user.rstrip("…") for user in users} <= {world.shown(text)} | {world.shown(text)[:len(user.rstrip("…"))] for user in users}, name
        assert len(users) == 2, name


def test_a_filter_that_is_hostile(hostile, tab):
    page = tab()
    for text in world.HOSTILE.values():
        query = "&".join(f"{field}=' + encodeURIComponent({world.json.dumps(text[:60])}) + '" for field in ("namespace", "kind", "image", "policy", "user"))
        page.open(page.value(f"'{base(hostile)}/ui?{query}'"))
        assert_nothing_happened(page)


def test_pages_of_others_get_nothing(site, tab, tmp_path):
    """A page of another origin frames it, reads it, and uses it as a picture or a script: nothing comes of it."""
    page = tab()
    page.open("data:text/html,<title>evil</title>")
    address = base(site) + "/ui"
    page.value(f"document.body.innerHTML = '<iframe src=\"{address}\"></iframe><img src=\"{address}\">'")
    outcome = page.call("Runtime.evaluate", awaitPromise=True, returnByValue=True,
                        expression=f"fetch('{address}', {{mode: 'no-cors'}}).then(a => a.type + a.status, e => 'refused')")["result"]["value"]
    assert outcome == "refused" or outcome == "opaque0"
    read = page.call("Runtime.evaluate", awaitPromise=True, returnByValue=True,
                     expression=f"fetch('{address}').then(a => a.text(), e => 'refused')")["result"]["value"]
    assert read == "refused"
    page.events = []

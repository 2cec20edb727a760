"""By the keyboard alone, and as a screen reader has it."""
from test_looking import base


def walk(page, most=200):
    """Press Tab until the page is left; the names of what had the focus, each seen to be marked."""
    names = []
    for _ in range(most):
        page.press("Tab")
        if page.value("document.activeElement === document.body"):
            break
        names.append(page.focused())
        marked = page.value("(s => s.outlineStyle !== 'none' && parseFloat(s.outlineWidth) >= 1)(getComputedStyle(document.activeElement))")
        assert marked, names[-1]
        inside = page.value("(r => r.bottom > 0 && r.top < innerHeight && r.right > 0 && r.left < innerWidth)(document.activeElement.getBoundingClientRect())")
        assert inside, names[-1]
    return names


def test_order(site, tab):
    page = tab()
    page.open(base(site) + "/ui?verdict=error")
    assert walk(page) == ["Skip to the content", "Decisions", "Policies", "Replica", "All", "Denied", "Errors", "Allowed", "Namespace",
                          "Kind", "Image contains", "Policy", "User", "Since", "Dry runs", "Filter", "Clear", "no readable review"]


def press_until(page, name):
    for _ in range(100):
        page.press("Tab")
        if page.focused() == name:
            return
    raise AssertionError(f"{name} is not reached")


def test_a_whole_visit(site, tab):
    """Skip to the content, filter, open a decision, come back, see the policies: no mouse."""
    page = tab()
    page.open(base(site) + "/ui")
    page.press("Tab")
    assert page.focused() == "Skip to the content"
    page.press("Enter")
    page.press("Tab")
    assert page.focused() == "All"
    press_until(page, "Namespace")
    page.type("team-payments")
    press_until(page, "Filter")
    page.goes(lambda: page.press("Space"))
    assert "namespace=team-payments" in page.url()
    press_until(page, "Denied")
    page.goes(lambda: page.press("Enter"))
    page.value("document.querySelector('.actions').scrollIntoView()")
    press_until(page, "Clear")
    page.press("Tab")
    page.goes(lambda: page.press("Enter"))
    assert page.text("h1").split()[0] == "Denied"
    press_until(page, "Back to the filtered decisions")
    page.goes(lambda: page.press("Enter"))
    assert page.url().endswith("/ui?verdict=deny&namespace=team-payments")
    press_until(page, "Policies")
    page.goes(lambda: page.press("Enter"))
    assert page.text("h1") == "Policies"


def test_what_a_screen_reader_has(site, tab):
    page = tab()
    page.open(base(site) + "/ui?verdict=deny")
    nodes = page.nodes()
    roles = [role for role, _ in nodes]
    assert {"banner", "main", "contentinfo", "search", "navigation", "table", "columnheader", "rowheader", "heading"} <= set(roles)
    assert {name for role, name in nodes if role == "navigation"} == {"Main", "Verdict", "Pages"}
    assert ("search", "Filter decisions") in nodes and ("table", "Decisions, newest first") in nodes
    assert [name for role, name in nodes if role == "textbox"] == ["Namespace", "Kind", "Image contains", "Policy", "User"]
    assert [name for role, name in nodes if role == "combobox"] == ["Since", "Dry runs"]
    assert [name for role, name in nodes if role == "columnheader"] == ["When", "Verdict", "Object", "Images", "Why", "User"]
    assert page.value("document.documentElement.lang") == "en" and page.value("document.title") == "Decisions · pratique"
    assert page.value("[...document.querySelectorAll('h1')].length") == 1


def test_a_table_stays_one_when_it_is_narrow(site, tab):
    page = tab(width=320)
    page.open(base(site) + "/ui?verdict=error")
    roles = [role for role, _ in page.nodes()]
    assert roles.count("table") == 1 and roles.count("row") == 2 and roles.count("columnheader") == 6 and roles.count("rowheader") == 1

"""A person looks for something: filters, pages, one decision, and back."""
import json

import pytest


def base(server):
    return f"http://localhost:{server.plain_port}"


def select(tab, field, value):
    """Choose as a person does, by the keyboard."""
    tab.value(f"document.getElementById('f-{field}').focus()")
    options = tab.value(f"[...document.getElementById('f-{field}').options].map(o => o.value)")
    for _ in range(options.index(value)):
        tab.press("ArrowDown")
    assert tab.value(f"document.getElementById('f-{field}').value") == value


def submit(tab):
    """By the button; returns the HTTP status."""
    tab.value("document.querySelector('.filters button').focus()")
    return tab.goes(lambda: tab.press("Enter"))


def write(tab, field, text):
    tab.value(f"document.getElementById('f-{field}').focus()")
    tab.type(text)


def test_filters_by_the_form(site, tab):
    page = tab()
    assert page.open(base(site) + "/ui") == 200
    assert len(page.texts("tbody tr")) == 50
    write(page, "namespace", "shop")
    write(page, "image", "NGINX")
    select(page, "dry-run", "none")
    select(page, "since", "1h")
    assert submit(page) == 200
    rows = page.texts("tbody tr")
    assert rows and all("shop/debug" in row.replace("\n", "") and "nginx:latest" in row for row in rows)
    assert not any("dry run" in row for row in rows)
    assert page.value("document.getElementById('f-namespace').value") == "shop"
    assert page.value("document.getElementById('f-since').value") == "1h"


def test_tabs_keep_the_other_filters(site, tab):
    page = tab()
    page.open(base(site) + "/ui?namespace=team-payments&since=1h")
    page.goes(lambda: page.value("[...document.querySelectorAll('.tabs a')].find(a => a.innerText === 'Denied').click()"))
    assert page.url().endswith("/ui?verdict=deny&namespace=team-payments&since=1h")
    assert page.texts(".tabs [aria-current]") == ["Denied"]
    assert set(page.texts("tbody .verdict")) == {"Denied"}
    write(page, "user", "mallory@example.com")
    page.goes(lambda: page.press("Enter"))
    assert "verdict=deny" in page.url() and "user=mallory" in page.url()
    page.goes(lambda: page.value("[...document.querySelectorAll('.actions a')][0].click()"))
    assert page.url().endswith("/ui") and page.texts(".tabs [aria-current]") == ["All"]


def test_pages(site, tab):
    page = tab()
    page.open(base(site) + "/ui")
    seen = []
    while True:
        seen += page.value("[...document.querySelectorAll('tbody th a')].map(a => a.pathname)")
        if not page.texts(".pages [rel=next]"):
            break
        page.goes(lambda: page.value("document.querySelector('.pages [rel=next]').click()"))
    numbers = [int(path.rsplit("/", 1)[1]) for path in seen]
    assert numbers == sorted(set(numbers), reverse=True) and len(numbers) == 125
    page.goes(lambda: page.value("document.querySelector('.pages [rel=first]').click()"))
    assert page.url().endswith("/ui")


def test_one_decision_and_back(site, tab):
    page = tab()
    page.open(base(site) + "/ui?verdict=deny&namespace=prod-eu")
    page.goes(lambda: page.value("document.querySelector('tbody th a').click()"))
    assert page.text("h1").split() == ["Denied", "Pod", "prod-eu/cache"]
    assert page.text("#violations") == "2 violations"
    assert [page.texts(".violations .tag")] == [["enforce", "audit"]]
    message = page.text(".violations li p:last-child")
    assert message == ('spec.containers[0].image "registry.example.com.evil.example/cache:7": policy baseline, rule trusted-registries: registry '
                       "registry.example.com.evil.example is not among those allowed: registry.example.com, docker.io; use an image that one of "
                       "these matches")
    facts = dict(zip(page.texts("dt"), page.texts("dd")))
    assert facts["User"] == "alice@example.com" and facts["Asked at"] == "/validate" and facts["Kind"] == "Pod"
    assert facts["Review"] == "admission.k8s.io/v1" and facts["uid"].startswith("7c1e4a52") and len(facts["Policies"]) == 16
    page.goes(lambda: page.value("document.querySelector('.back a').click()"))
    assert page.url().endswith("/ui?verdict=deny&namespace=prod-eu")
    page.goes(lambda: page.value("document.querySelector('tbody th a').click()"))
    page.goes(lambda: page.value("[...document.querySelectorAll('dd a')].find(a => a.innerText === 'alice@example.com').click()"))
    assert page.url().endswith("/ui?user=alice%40example.com")


def test_excused_and_warned(site, tab):
    page = tab()
    page.open(base(site) + "/ui?namespace=batch")
    assert "excused" in page.texts("tbody .tag")
    page.goes(lambda: page.value("document.querySelector('tbody th a').click()"))
    assert "excused by exception legacy-cron" in page.text(".violations li").replace("\n", " ")
    page.open(base(site) + "/ui?policy=versions")
    assert set(page.texts("tbody .verdict")) == {"Allowed"} and "warn" in page.texts("tbody .tag")


def test_policies(site, tab):
    page = tab()
    page.open(base(site) + "/ui/policies")
    assert page.texts("tbody th b") == ["baseline", "shop/versions", "production", "legacy-cron"]
    assert "namespaces prod-*, not prod-test; kinds Pod, Deployment; users all but system:serviceaccount:ci:*" in page.text("table")
    select(page, "mode", "warn")
    submit(page)
    assert page.url().endswith("mode=warn") and page.texts("tbody th b") == ["shop/versions"]


def test_replica(site, tab):
    page = tab()
    page.open(base(site) + "/ui/replica")
    assert "pratique-6c5d8f7b9-x2x7q" in page.text(".cards") and page.texts("section[aria-labelledby=ready] p") == ["Ready"]


@pytest.mark.parametrize("path,status,heading", [
    ("/ui?verdict=maybe", 400, "This cannot be asked"), ("/ui/nothing", 404, "Not found"), ("/ui/decision/999999", 404, "There is no such decision")])
def test_refusals(site, tab, path, status, heading):
    page = tab()
    assert page.open(base(site) + path) == status
    assert page.text("h1") == heading
    page.events = [event for event in page.events if event["method"] != "Log.entryAdded" or str(status) not in json.dumps(event)]

"""The pages for people, as HTTP: who is answered, with what headers, and that asking for them slows nothing."""
import contextlib
import http.client
import json
import re
import socket
import sqlite3

import pytest

import pratique_server as ps

PAGES = ("/ui", "/ui/policies", "/ui/replica")
HISTORY = {"path": "history.db"}


@pytest.fixture(scope="module")
def ui(tmp_path_factory):
    """One with a history: a Pod allowed, one denied as a dry run, and one that could not be read."""
    server = ps.Server(tmp_path_factory.mktemp("ui"), history=HISTORY, ui={"hosts": ["pratique.example.com"]}).start()
    server.post(ps.review(ps.ALLOWED, uid="u-allowed"))
    server.post(ps.review(ps.DENIED, uid="u-denied", dryRun=True, namespace="team-a", name="miner"))
    server.post(b'{"kind":"AdmissionReview"')
    ps.wait_until(lambda: server.metric("pratique_history_written_total") == 3, "writing")
    yield server
    server.stop()


def get(server, path, method="GET", **headers):
    with contextlib.closing(server.plain()) as connection:
        return ps.ask(connection, method, path, **headers)


def text(answer):
    """As it is read: without the places where a line may end."""
    return answer.body.decode().replace("<wbr>", "")


# -- where it is, and where not --

def test_off_by_default(shared):
    for path in (*PAGES, "/ui/decision/1"):
        answer = get(shared, path)
        assert answer.status == 404 and b"no such path" in answer.body


def test_never_on_the_port_of_reviews(ui):
    for path in PAGES:
        answer = ui.get(path)
        assert answer.status == 404 and b"no such path" in answer.body


def test_needs_the_plain_port(new_server):
    server = new_server(ui={})
    del server.configuration["plain"]
    server.launch()
    assert server.wait() == 2
    assert "ui: pages are served on the plain port; give plain" in server.log()


@pytest.mark.parametrize("path", PAGES)
def test_headers(ui, path):
    answer = get(ui, path)
    assert answer.status == 200
    policy = dict(part.split(" ", 1) for part in answer.headers["Content-Security-Policy"].split("; "))
    style = policy.pop("style-src")
    assert policy == {"default-src": "'none'", "img-src": "data:", "form-action": "'self'", "base-uri": "'none'",
                      "frame-ancestors": "'none'"}
    assert re.fullmatch(r"'sha256-[A-Za-z0-9+/]{43}='", style)
    wanted = {"Content-Type": "text/html; charset=utf-8", "X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY",
              "Referrer-Policy": "no-referrer", "Cache-Control": "no-store", "Cross-Origin-Opener-Policy": "same-origin",
              "Cross-Origin-Resource-Policy": "same-origin"}
    assert {name: answer.headers[name] for name in wanted} == wanted
    assert "Set-Cookie" not in answer.headers
    assert b"<script" not in answer.body and answer.body.startswith(b"<!DOCTYPE html>\n")


def test_methods(ui):
    head, whole = get(ui, "/ui", "HEAD"), get(ui, "/ui")
    assert head.status == 200 and head.body == b""
    assert abs(int(head.headers["Content-Length"]) - len(whole.body)) < 100  # times go on
    for method in ("POST", "PUT", "DELETE", "OPTIONS"):
        answer = get(ui, "/ui", method, body=b"x=1" if method == "POST" else None)
        assert answer.status == 405 and answer.headers["Allow"] == "GET, HEAD"


# -- what is shown --

def test_decisions(ui):
    page = text(get(ui, "/ui"))
    assert page.count("<tr>") == 1 + 3
    assert page.index("Error") < page.index("miner") < page.index(ps.ALLOWED)
    assert "dry run" in page and ps.DENIED in page
    assert "3 decisions found in 3 looked at" in page


@pytest.mark.parametrize("query,wanted", [
    ("verdict=deny", {"u-denied"}), ("verdict=allow", {"u-allowed"}), ("namespace=team-a", {"u-denied"}),
    ("namespace=-", {""}), ("kind=Pod", {"u-allowed", "u-denied"}), ("policy=baseline", {"u-denied"}),
    ("image=EVIL.example", {"u-denied"}), ("user=alice", {"u-allowed", "u-denied"}), ("dry-run=only", {"u-denied"}),
    ("dry-run=none&kind=Pod", {"u-allowed"}), ("since=1h&verdict=allow", {"u-allowed"}), ("user=bob", set())])
def test_filters(ui, query, wanted):
    found = re.findall(r'href="(/ui/decision/\d+)', text(get(ui, "/ui?" + query)))
    uids = set()
    for path in found:
        match = re.search(r"<dt>uid</dt><dd><code><bdi>(.*?)</bdi>", text(get(ui, path)))
        uids.add(match.group(1) if match else "")
    assert uids == wanted


def test_pages_go_back_by_id(new_server):
    server = new_server(history=HISTORY, ui={}).start()
    with contextlib.closing(server.connection()) as connection:
        for number in range(120):
            ps.ask(connection, "POST", "/validate", ps.review(ps.ALLOWED if number % 3 else ps.DENIED, name=f"pod-{number:03d}"))
    ps.wait_until(lambda: server.metric("pratique_history_written_total") == 120, "writing")
    seen, path = [], "/ui?verdict=allow"
    while path:
        page = text(get(server, path))
        seen += re.findall(r"<b><bdi>(pod-\d+)", page)
        older = re.search(r'href="([^"]*)" rel="next"', page)
        path = older and older.group(1).replace("&amp;", "&")
        assert not path or "verdict=allow" in path
    assert seen == [f"pod-{number:03d}" for number in reversed(range(120)) if number % 3]


@pytest.mark.parametrize("target,status,words", [
    ("/ui?verdict=maybe", 400, "The parameter “verdict” is one of: allow, deny, error."),
    ("/ui?kind=Pod&kind=Job", 400, "The parameter “kind” stands more than once."),
    ("/ui?x=%3Cb%3E", 400, "This page has no parameter “x”."),
    ("/ui?user=" + "u" * 257, 400, "The parameter “user” has more than 256 bytes."),
    ("/ui?user=" + "u" * 9000, 400, "The address has more than 8192 bytes."),
    ("/ui/", 404, "There is no such page."),
    ("/ui/decision/0", 404, "There is no such page."),
    ("/ui/decision/4711", 404, "There is no such decision"),
], ids=lambda value: str(value)[:20])
def test_what_cannot_be_asked(ui, target, status, words):
    answer = get(ui, target)
    assert answer.status == status and words in text(answer)
    assert "Content-Security-Policy" in answer.headers


def test_without_a_history(new_server):
    server = new_server(ui={}).start()
    assert "No history is kept" in text(get(server, "/ui"))
    assert "history: {path: history.db}" in text(get(server, "/ui"))
    assert get(server, "/ui/decision/1").status == 404
    assert get(server, "/ui/policies").status == get(server, "/ui/replica").status == 200


def test_a_history_that_cannot_be_read(new_server):
    server = new_server(history=HISTORY, ui={}).start()
    (server.folder / "history.db").unlink()
    answer = get(server, "/ui")
    assert answer.status == 503 and "The history cannot be read now." in text(answer)
    assert ps.allowed(server.post(ps.review(ps.ALLOWED)).body)


def test_policies_and_broken_ones(new_server):
    server = new_server(ui={}).start()
    page = text(get(server, "/ui/policies"))
    assert "baseline" in page and "trusted-registries" in page and re.search(r"/policies/policy.yaml:\d+<", page)
    assert "name contains" in page.lower() and "Newer policies are broken" not in page
    server.write_policy("nonsense: true")
    ps.wait_until(lambda: server.metric('pratique_reload_broken{what="policies"}') == 1, "noticing")
    page = text(get(server, "/ui/policies"))
    assert "Newer policies are broken; these stay in use." in page and "trusted-registries" in page
    assert "old one in use" in text(get(server, "/ui/replica"))


def test_hits(new_server):
    """How often each policy spoke, over reloads."""
    server = new_server(ui={}).start()

    def hits():
        row = re.search(r"<bdi>baseline</bdi>.*?</tr>", text(get(server, "/ui/policies")), re.S).group(0)
        return [int(number) for number in re.findall(r'data-label="(?:Judged|Denied|Warned|Excused)">(\d+)<', row)]

    assert hits() == [0, 0, 0, 0]
    for image in (ps.ALLOWED, ps.DENIED, ps.DENIED):
        server.post(ps.review(image))
    assert hits() == hits() == [3, 2, 0, 0]
    server.write_policy(ps.policy(more=["docker.io"]))
    ps.wait_until(lambda: "docker.io" in text(get(server, "/ui/policies")), "the reload")
    server.post(ps.review(ps.DENIED))
    assert hits() == [4, 3, 0, 0]


def test_before_there_are_policies(new_server):
    """Policies of a cluster that cannot be reached: the pages say that there are none."""
    server = new_server(ui={}, kubernetes={"kubeconfig": "kubeconfig", "policies": True})
    del server.configuration["policies"]
    (server.folder / "kubeconfig").write_text(json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": "c",
        "clusters": [{"name": "c", "cluster": {"server": "https://127.0.0.1:1"}}],
        "users": [{"name": "u", "user": {"token": "t"}}], "contexts": [{"name": "c", "context": {"cluster": "c", "user": "u"}}]}))
    server.launch()
    started = ps.wait_until(lambda: server.event("started") or server.event("ready"), "starting")
    server.port, server.plain_port = started["port"], started["plainPort"]
    answer = get(server, "/ui/policies")
    assert answer.status == 200 and "There are no policies yet, so nothing is judged." in text(answer)
    page = text(get(server, "/ui/replica"))
    assert "Not ready" in page and "waited for" in page and "<dd>never</dd>" in page


def test_replica(ui):
    page = text(get(ui, "/ui/replica"))
    assert "What this replica sees" in page and "<bdi>/validate</bdi>" in page
    row = re.search(r"/validate</bdi></code></th>(.*?)</tr>", page, re.S).group(1)
    assert re.findall(r">(\d+)<", row) == ["1", "1", "1"]
    assert "3 decisions written" in page


# -- who is answered --

def own_address():
    """An address of this machine that is not of the loopback range; nothing is sent."""
    with contextlib.closing(socket.socket(socket.AF_INET, socket.SOCK_DGRAM)) as sock:
        sock.connect(("192.0.2.1", 9))
        return sock.getsockname()[0]


def test_callers_from_elsewhere(new_server):
    address = own_address()
    server = new_server(ui={}, address="0.0.0.0").start()
    server.address = address
    answer = get(server, "/ui")
    assert answer.status == 403 and "kubectl port-forward" in text(answer)
    assert get(server, "/healthz").status == 200
    server.address = "127.0.0.1"
    assert get(server, "/ui").status == 200
    assert server.metric('pratique_rejected_total{reason="ui_caller"}') == 1
    opened = new_server(ui={"callers": "any"}, address="0.0.0.0").start()
    opened.address = address
    assert get(opened, "/ui").status == 200


@pytest.mark.parametrize("host,status", [
    ("localhost", 200), ("LOCALHOST.:8080", 200), ("127.0.0.1:80", 200), ("[::1]:80", 200), ("pratique.example.com", 200),
    ("evil.example", 421), ("localhost.evil.example", 421), ("127.0.0.1.evil.example:80", 421), ("", 421)])
def test_names(ui, host, status):
    """A page of somebody's whose name was made to lead here is read by nobody: DNS rebinding."""
    answer = get(ui, "/ui", Host=host)
    assert answer.status == status
    assert (ps.DENIED in text(answer)) == (status == 200)


@pytest.mark.parametrize("mode,dest,status", [("navigate", "document", 200), ("navigate", "iframe", 403), ("no-cors", "image", 403),
                                              ("cors", "empty", 403)])
def test_other_sites(ui, mode, dest, status):
    fetch = {"Sec_Fetch_Site": "cross-site", "Sec_Fetch_Mode": mode, "Sec_Fetch_Dest": dest}
    assert get(ui, "/ui", **fetch).status == status


# -- what it costs others --

def large(server):
    """A decision whose page is much more than a socket holds; returns its path."""
    pod = json.loads(ps.review(ps.ALLOWED))
    pod["request"]["object"]["spec"]["containers"] = [
        {"name": f"c{number}", "image": "registry.example.com/" + "\x01\x02\x03" * 60 + str(number)} for number in range(400)]
    server.post(json.dumps(pod).encode())
    ps.wait_until(lambda: server.metric("pratique_history_written_total") == 1, "writing")
    return "/ui/decision/1"


def ask_and_not_read(server, path):
    """A connection that asks for a page, and takes no more of it than fits its smallest buffer."""
    sock = socket.socket()
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    sock.connect((server.address, server.plain_port))
    sock.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    return sock


def test_too_many_ask(new_server):
    """Eight pages that nobody takes: the ninth is told to come again, and health, metrics and reviews go on."""
    server = new_server(history=HISTORY, ui={}).start()
    path = large(server)
    with contextlib.ExitStack() as stack:
        for _ in range(8):
            stack.enter_context(contextlib.closing(ask_and_not_read(server, path)))
        busy = ps.wait_until(lambda: (lambda answer: answer.status == 503 and answer)(get(server, "/ui/replica")), "being busy")
        assert busy.headers["Retry-After"] == "1" and "Too many ask" in text(busy)
        assert get(server, "/healthz").status == get(server, "/readyz").status == 200
        assert ps.allowed(server.post(ps.review(ps.ALLOWED)).body)
        assert server.metric('pratique_rejected_total{reason="ui_busy"}') >= 1
    assert ps.wait_until(lambda: get(server, "/ui/replica").status == 200, "taking pages again")


def test_a_page_that_takes_long(new_server):
    """A page looks through the history for a while at most, and health is answered meanwhile."""
    server = new_server(history=HISTORY, ui={}).start()
    server.post(ps.review(ps.DENIED))
    ps.wait_until(lambda: server.metric("pratique_history_written_total") == 1, "writing")
    with contextlib.closing(sqlite3.connect(server.folder / "history.db", timeout=ps.SECONDS)) as other:
        columns = ", ".join(row[1] for row in other.execute("PRAGMA table_info(decision)") if row[1] != "id")
        columns = columns.replace("user", '"user"')
        for _ in range(15):
            other.execute(f"INSERT INTO decision ({columns}) SELECT {columns} FROM decision")
        other.commit()
    page = text(get(server, "/ui?image=nothing-has-this"))
    looked, left = re.search(r"0 decisions found in ([\d,]+) looked at, back to .*?; about ([\d,]+) are older", page).groups()
    assert int(looked.replace(",", "")) + int(left.replace(",", "")) == 2 ** 15
    assert "None so far." in page and re.search(r'href="/ui\?image=nothing-has-this&amp;before=\d+" rel="next">Look further', page)
    waiting = [ask_and_not_read(server, "/ui?image=nothing-has-this") for _ in range(4)]
    assert get(server, "/healthz").status == 200
    assert server.metric('pratique_http_requests_total{path="/ui",code="200"}') < 5  # those that were asked for before wait
    for sock in waiting:
        assert ps.one_answer(sock).status == 200
        sock.close()


def test_stopping_while_pages_are_asked_for(new_server):
    server = new_server(history=HISTORY, ui={}).start()
    path = large(server)
    with contextlib.ExitStack() as stack:
        for _ in range(12):
            stack.enter_context(contextlib.closing(ask_and_not_read(server, path)))
        server.stop()


def test_requests_that_end_early(ui):
    """What was kept of a request is let go of, however it ends: LeakSanitizer looks when the server has stopped."""
    for data in (b"GET /ui HTTP/1.1\r\n", b"GET /ui HTTP/1.1\r\nHost", b"GET /ui?x HTTP/1.1\r\nbad header\r\n\r\n",
                 b"GET /ui HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nab", b"GET /ui HTTP/1.0\r\n\r\n",
                 b"GET http://localhost/ui HTTP/1.1\r\nHost: localhost\r\n\r\n"):
        with contextlib.closing(ui.plain_socket()) as sock:
            sock.sendall(data)
    assert get(ui, "/ui").status == 200


def test_many_on_one_connection(ui):
    with contextlib.closing(http.client.HTTPConnection(ui.address, ui.plain_port, timeout=ps.SECONDS)) as connection:
        for path in PAGES * 5:
            assert ps.ask(connection, "GET", path).status == 200
    with contextlib.closing(ui.plain_socket()) as sock:
        sock.sendall(b"".join(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode() for path in PAGES))
        answers = b""
        while answers.count(b"</html>\n") < len(PAGES):
            answers += sock.recv(65536)
        assert ps.statuses(answers) == [200, 200, 200]

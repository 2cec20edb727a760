"""Servers with decisions to look at, all sent through the real webhook."""
import contextlib
import json
import pathlib
import random
import sqlite3
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/integration"))

import pratique_server as ps

PORTS = set()

POLICIES = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules:
    - {name: trusted-registries, allow: [registry.example.com, docker.io]}
    - {name: no-latest, deny: ["**:latest"]}
---
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicy
metadata: {name: versions, namespace: shop}
spec:
  mode: warn
  images: ["registry.example.com/shop/**"]
  rules:
    - {name: semver, tag: {semver: ">=1.2.0 <3"}}
---
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: production}
spec:
  mode: audit
  match: {namespaces: ["prod-*", "!prod-test"], kinds: [Pod, Deployment], users: ["!system:serviceaccount:ci:*"]}
  rules:
    - {name: digest, require: [digest]}
---
apiVersion: pratique.dev/v1alpha1
kind: ImagePolicyException
metadata: {name: legacy-cron}
spec:
  policies: [baseline]
  rules: [no-latest]
  images: ["docker.io/library/busybox"]
  namespaces: [batch]
  reason: moves to a version next quarter
  until: "2099-01-31T00:00:00Z"
"""

# Namespace, name, user, images; of each some are sent.
SHAPES = [
    ("shop", "web-7d9f", "system:serviceaccount:argocd:deployer", ["registry.example.com/shop/web:1.4.2"]),
    ("shop", "worker", "alice@example.com", ["registry.example.com/shop/worker:0.9", "registry.example.com/shop/proxy:2.1.0"]),
    ("shop", "debug", "bob@example.com", ["nginx:latest"]),
    ("team-payments", "ledger", "system:serviceaccount:argocd:deployer", ["registry.example.com/payments/ledger@sha256:" + "4b" * 32]),
    ("team-payments", "miner", "mallory@example.com", ["ghcr.io/acme/miner:latest"]),
    ("batch", "nightly-report", "system:serviceaccount:batch:cron", ["busybox"]),
    ("prod-eu", "api", "system:serviceaccount:argocd:deployer", ["registry.example.com/shop/api:2.0.1"]),
    ("prod-eu", "cache", "alice@example.com", ["registry.example.com.evil.example/cache:7"]),
]


def start(folder):
    server = ps.Server(folder, history={"path": "history.db"}, ui={}, environment={"HOSTNAME": "pratique-6c5d8f7b9-x2x7q"})
    server.write_policy(POLICIES)
    server.start()
    PORTS.add(server.plain_port)
    return server


def send(server, bodies):
    before = server.metric("pratique_history_written_total")
    with contextlib.closing(server.connection()) as connection:
        for body in bodies:
            answer = ps.ask(connection, "POST", "/validate?timeout=10s", body)
            assert answer.status in (200, 400), answer.body
    ps.wait_until(lambda: server.metric("pratique_history_written_total") == before + len(bodies), "writing")


def review(namespace, name, user, images, **request):
    body = json.loads(ps.review(images[0], namespace=namespace, name=name, userInfo={"username": user}, **request))
    pod = body["request"]["object"]
    pod["metadata"].update(name=name, namespace=namespace)
    pod["spec"]["containers"] = [{"name": f"c{number}", "image": image} for number, image in enumerate(images)]
    return body


def fill(server, count=124):
    chance = random.Random(6)
    bodies = []
    for number in range(count):
        namespace, name, user, images = SHAPES[number % len(SHAPES)] if number < len(SHAPES) else chance.choice(SHAPES)
        bodies.append(json.dumps(review(namespace, name, user, images, uid=f"7c1e4a52-0000-4000-8000-{number:012d}",
                                        dryRun=number % 9 == 4, operation="UPDATE" if number % 4 == 1 else "CREATE")).encode())
    bodies.insert(count - 6, b'{"kind":"AdmissionReview","apiVersion":"admission.k8s.io/v1","request":{"uid":"half')
    send(server, bodies)


def spread(server):
    """As if all had come in over two days, for pictures."""
    with contextlib.closing(sqlite3.connect(server.folder / "history.db", timeout=ps.SECONDS)) as history:
        history.execute("UPDATE decision SET time = time - ((SELECT max(id) FROM decision) - id) * ((SELECT max(id) FROM decision) - id + 3) * 9000000000")
        history.commit()


# -- what an author may send --

HOSTILE = {
    "markup": "<img src=//evil.example/x onerror=alert(1)><script>alert(2)</script>",
    "attribute": "\"' autofocus onfocus=alert(3) x='",
    "style": "</style><style>body{display:none}</style><a href=\"javascript:alert(4)\" accesskey=x>click</a>",
    "link": "javascript:alert(5)//https://evil.example/",
    "terminal": "\x1b[2J\x1b]0;owned\x07\x1b[31m red",
    "direction": "\u202egnp.exe\u202c \u2066turned\u2069 \u200bnone\ufeff",
    "entity": "&lt;b&gt;&#x202e;&nbsp;&amp;",
    "controls": "a\u0000b\rc\nd\te\u0085f",
    "marks": "Z" + "\u0300\u0301\u0302\u0303\u0304\u0305" * 4,
    "long": "w" * 400,
    "arabic": "\u0645\u0631\u062d\u0628\u0627 <b>",
}

# As a person reads it.
PICTURES = {"\x1b": "␛", "\x07": "␇", "\0": "␀", "\r": "␍", "\n": "␊", "\t": "␉"}


def shown(text):
    marks, out = 0, ""
    for letter in text:
        marks = marks + 1 if "\u0300" <= letter <= "\u036f" else 0
        code = ord(letter)
        acts = code in (0x85, 0x202e, 0x202c, 0x2066, 0x2069, 0x200b, 0xfeff) or marks > 3
        out += PICTURES.get(letter, f"⟨U+{code:04X}⟩" if acts else letter)
    return out


def fill_hostile(server):
    """A review for each text, with it in every field that a review has for one. Returns name -> what is to be read."""
    for text in HOSTILE.values():
        body = review(text, text, text, [text, "nginx:1"], uid=text)
        request = body["request"]
        request["kind"] = {"group": text, "version": text, "kind": text}
        request["resource"] = {"group": text, "version": text, "resource": text}
        request["subResource"] = text
        request["operation"] = "CREATE"
        body["request"]["object"].update(apiVersion=f"{text}/{text}", kind=text)
        send(server, [json.dumps(body).encode()])
        send(server, [json.dumps(review(text, text, text, [text, "nginx:1"], uid=text)).encode()])
    return {name: shown(text) for name, text in HOSTILE.items()}

"""Random lists against what each tool computes, written down again here: no image is admitted that the
tool denies under all its names, and where nothing was noted the verdicts are equal. Of several demands on one
image, each counts by itself: one may hold for one name and one for another."""
import json
import random
import re

import pytest
from references import DIGEST, IMAGES, NAMES, TAILS


def full(text, host="index.docker.io", keep=True):
    """The text as go-containerregistry fills it in."""
    name, _, digest = text.partition("@")
    first, _, rest = name.partition("/")
    if not rest or not ("." in first or ":" in first):
        first, rest = "docker.io", name
    if first in ("docker.io", "index.docker.io"):
        first, rest = host, rest if "/" in rest else "library/" + rest
    path, colon, tag = rest.partition(":")
    tag = tag or ("" if digest else "latest")
    tag = "" if digest and not keep else tag
    return f"{first}/{path}" + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")


def star(glob, text, run=".*"):
    return re.fullmatch(run.join(re.escape(part) for part in glob.split("*")), text) is not None


# -- tools: a random source, and whether it admits a text --

def gatekeeper(chance):
    repos = [chance.choice(["ghcr.io", "ghcr.io/", "ghcr.io/acme", "ghcr.io/acme/app:1", "nginx", "docker.io/", "acme/",
                            "docker.io/library/nginx@", "evil.com/g", ""]) for _ in range(chance.randint(0, 3))]
    kind, admits = chance.choice([("K8sAllowedRepos", True), ("K8sDisallowedRepos", False)])
    source = {"apiVersion": "constraints.gatekeeper.sh/v1beta1", "kind": kind, "metadata": {"name": "x"},
              "spec": {"match": {"kinds": [{"kinds": ["Pod"]}]}, "parameters": {"repos": repos}}}
    return source, lambda text: any(text.startswith(repo) for repo in repos) == admits


PARTS = ["*", "ghcr.io/*", "ghcr.io/acme/*", "ghcr.io/acme/app", "ghcr.io/acme/app:1.0", "*.ghcr.io/*", "docker.io/library/*",
         "docker.io/*", "*/acme/*", "nginx", "ghcr.io/acme*", "evil.com/*", "ghcr.io/*/app", "*:1.0"]


def portieris(chance):
    def match(pattern, text):
        def any_tag(glob, part):
            return star(glob, part) or star(glob + ":*", part)
        host, slash, path = pattern.partition("/")
        if not slash:
            return any_tag(pattern, text)
        first, slash, rest = text.partition("/")
        return bool(slash) and star(host, first) and any_tag(path, rest)

    entries = [(chance.choice(PARTS), chance.random() < 0.6) for _ in range(chance.randint(1, 5))]

    def admits(text):
        best, verdict = -1, False
        for name, passes in entries:
            if name == text:
                return passes
            quality = len(name.replace("*", ""))
            if match(name, text) and quality > best:
                best, verdict = quality, passes
        return verdict

    policies = {True: {}, False: {"simple": {"requirements": [{"type": "reject"}]}}}
    return {"apiVersion": "portieris.cloud.ibm.com/v1", "kind": "ClusterImagePolicy", "metadata": {"name": "x"},
            "spec": {"repositories": [{"name": name, "policy": policies[passes]} for name, passes in entries]}}, admits


def connaisseur(chance):
    entries = [(chance.choice(PARTS + ["*:*", "docker.io/library/*:*", "ghcr.io/acme/*:*"]), chance.random() < 0.6)
               for _ in range(chance.randint(1, 5))]

    def common(a, b):
        return next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))

    def admits(text):
        image, best = full(text), None
        for pattern, passes in entries:
            if star("*" + pattern + "*", image):
                parts = pattern.split("/")
                given = image.split("/") + [""] * 9
                rank = (len(parts), [common(part, one) for part, one in zip(parts, given)], [len(part) for part in parts])
                if best is None or rank >= best[0]:
                    best = (rank, passes)
        return best is not None and best[1]

    return {"validators": [{"name": "yes", "type": "static", "approve": True}, {"name": "no", "type": "static", "approve": False}],
            "policy": [{"pattern": pattern, "validator": "yes" if passes else "no"} for pattern, passes in entries]}, admits


def containers(chance):
    scopes = {scope: chance.random() < 0.5 for scope in chance.sample(
        ["", "ghcr.io", "ghcr.io/acme", "ghcr.io/acme/app", "ghcr.io/acme/app:1.0", "*.ghcr.io", "*.io", "docker.io",
         "docker.io/library/nginx", "docker.io/library/nginx" + DIGEST, "evil.com"], chance.randint(0, 5))}
    default = chance.random() < 0.5

    def admits(text):
        image = full(text, host="docker.io", keep=False)
        name = image.split("@")[0] if "@" in image else image.rpartition(":")[0]
        keys = [image] + ["/".join(name.split("/")[:n]) for n in range(name.count("/") + 1, 0, -1)]
        labels = name.split("/")[0].split(".")
        keys += ["*." + ".".join(labels[n:]) for n in range(1, len(labels))] + [""]
        return next((scopes[key] for key in keys if key in scopes), default)

    def say(passes):
        return [{"type": "insecureAcceptAnything" if passes else "reject"}]

    return {"default": say(default), "transports": {"docker": {scope: say(one) for scope, one in scopes.items()}}}, admits


def kyverno(chance):
    globs = ["ghcr.io/*", "ghcr.io/acme/*", "*:latest", "*:*", "*@*", "!*:latest", "!ghcr.io/acme/app*", "*/nginx:*", "docker.io/*",
             "ghcr.io/*/app:1.?", "!evil.com/*", "nginx*", "*.io/*", "!*.ghcr.io/*", "ghcr.io/acme/app:1.0", "*"]
    terms = [[chance.choice(globs) for _ in range(chance.choice([1, 1, 2]))] for _ in range(chance.choice([1, 1, 2, 3]))]
    value = " | ".join(" & ".join(one) for one in terms)

    def holds(glob, text):
        body = glob.lstrip("!")
        pattern = "".join(".*" if c == "*" else "." if c == "?" else re.escape(c) for c in body)
        return (re.fullmatch(pattern, text) is not None) != glob.startswith("!")

    lists = [{"list": f"request.object.spec.{kind}", "pattern": {"image": value}}
             for kind in ("containers", "initContainers", "ephemeralContainers")]
    return {"apiVersion": "kyverno.io/v1", "kind": "ClusterPolicy", "metadata": {"name": "x"},
            "spec": {"validationFailureAction": "Enforce", "rules": [
                {"name": "r", "match": {"any": [{"resources": {"kinds": ["Pod"]}}]}, "validate": {"foreach": lists}}]}}, \
        [[lambda text, glob=glob: holds(glob, text) for glob in one] for one in terms]


def pod(image):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "x"}, "spec": {"containers": [{"name": "c", "image": image}]}}


def admits_somehow(demands, texts):
    return any(all(any(demand(text) for text in texts) for demand in one) for one in demands)


TOOLS = [gatekeeper, portieris, connaisseur, containers, kyverno]


@pytest.mark.parametrize("tool", TOOLS, ids=[tool.__name__ for tool in TOOLS])
def test_random_lists(tool, convert, judge):
    chance = random.Random(tool.__name__)
    admitted = 0
    for _ in range(25):
        source, found = tool(chance)
        demands = found if isinstance(found, list) else [[found]]
        answer = convert(json.dumps(source))
        verdicts = judge([pod(text) for _, text in IMAGES])
        good = {image for image, _ in IMAGES if admits_somehow(demands, [text for one, text in IMAGES if one == image])}
        for (image, text), ours in zip(IMAGES, verdicts):
            where = f"{text}\n{json.dumps(source)}\n{answer['notes']}\n{''.join(answer['policies'])}"
            admitted += ours
            assert not ours or image in good, "looser: " + where
            admits = any(all(demand(text) for demand in one) for one in demands)
            assert answer["notes"] or ours == admits or text not in (name + tail for name in NAMES for tail in TAILS), \
                "not exact, and nothing said: " + where
    assert admitted > 50

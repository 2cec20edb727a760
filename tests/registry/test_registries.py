"""That the registries are what the other tests take them for. Python asks, not the program under test."""
import base64
import json
import ssl
import urllib.error
import urllib.request

import pytest

import images
import registries

FORMS = [form for form in images.FORMS if form != "artifact"]


def ask(registry, path, method="GET", accept="*/*", authorization=None):
    context = ssl.create_default_context(cafile=registry.ca) if registry.ca else None
    headers = {"Accept": accept, **({"Authorization": authorization} if authorization else {})}
    try:
        with urllib.request.urlopen(urllib.request.Request(registry.url + path, headers=headers, method=method),
                                    timeout=30, context=context) as answer:
            return answer.status, answer.headers, answer.read()
    except urllib.error.HTTPError as answer:
        return answer.code, answer.headers, answer.read()


def authorization(registry, repository):
    """What lets alice in."""
    basic = "Basic " + base64.b64encode(f"{registries.USER}:{registries.PASSWORD}".encode()).decode()
    if registry.access != "token":
        return basic if registry.access else None
    context = ssl.create_default_context(cafile=registry.ca) if registry.ca else None
    url = f"{registry.tokens.realm}?service={registries.SERVICE}&scope=repository:{repository}:pull"
    with urllib.request.urlopen(urllib.request.Request(url, headers={"Authorization": basic}), timeout=30, context=context) as answer:
        return "Bearer " + json.load(answer)["token"]


@pytest.mark.parametrize("form", FORMS)
def test_they_hold_every_form(each, made, form):
    registry, references = each
    name = references[form].split("/", 1)[1].rpartition(":")[0]
    status, headers, body = ask(registry, f"/v2/{name}/manifests/1.0", accept=made[form].media_type,
                                authorization=authorization(registry, name))
    assert status == 200 and images.digest_of(body) == made[form].digest
    assert headers["Docker-Content-Digest"] == made[form].digest and headers["Content-Type"] == made[form].media_type


def test_they_let_nobody_else_in(each):
    registry, _ = each
    status, headers, _ = ask(registry, "/v2/images/single/manifests/1.0", "HEAD", accept=images.MANIFEST)
    if registry.access is None:
        assert status == 200
        return
    assert status == 401
    challenge = headers["WWW-Authenticate"]
    if registry.access == "htpasswd":
        assert challenge == 'Basic realm="the tests"'
    else:
        assert challenge.startswith(f'Bearer realm="{registry.tokens.realm}",service="{registries.SERVICE}"')
    wrong = "Basic " + base64.b64encode(f"{registries.USER}:wrong".encode()).decode()
    assert ask(registry, "/v2/images/single/manifests/1.0", authorization=wrong)[0] == 401


def test_referrers_by_the_api_or_by_a_tag(each, made):
    """Those of images/single: the artifact that crane pushed and the one that oras attached."""
    registry, references = each
    allowed, digest = authorization(registry, "images/single"), made["single"].digest
    path = f"/v2/images/single/referrers/{digest}"
    if registry.kind != "referrers":
        assert ask(registry, path, authorization=allowed)[0] == 404
        path = "/v2/images/single/manifests/" + digest.replace(":", "-")
    status, _, body = ask(registry, path, accept=images.INDEX, authorization=allowed)
    assert status == 200
    assert {one["digest"] for one in json.loads(body)["manifests"]} == {
        made["artifact"].digest, references["attached"].rpartition("@")[2]}


def test_what_is_public_needs_no_password(stocked, made):
    registry, _ = stocked("distribution", "token", True)
    images.push(registry, made["single"], "public/hello")
    url = f"{registry.tokens.realm}?service={registries.SERVICE}&scope=repository:public/hello:pull"
    with urllib.request.urlopen(url, timeout=30, context=ssl.create_default_context(cafile=registry.ca)) as answer:
        token = json.load(answer)["access_token"]
    assert ask(registry, "/v2/public/hello/manifests/1.0", "HEAD", images.MANIFEST, "Bearer " + token)[0] == 200
    assert ask(registry, "/v2/images/single/manifests/1.0", "HEAD", images.MANIFEST, "Bearer " + token)[0] == 401

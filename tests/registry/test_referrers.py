"""What refers to an image: at real registries, by the API or by the tag that stands for it; and at hostile ones, whose lists
have no end, lead elsewhere or are none."""
import concurrent.futures
import json

import pytest

import asking
import behaviours as b
import images
import registries
from hostile import INDEX, NAME, REFERRER, TOKEN, Answer, Hostile
from hostile_cases import BODIES, BROKEN, REDIRECTS, STATUSES

DEADLINE, GRACE, MEMORY, BESIDE = 1.0, 0.5, 24 * 1024, 6
SIGNATURE = "application/vnd.example.signature"


@pytest.fixture(scope="module")
def program():
    made = [folder / "tests/referrers" for folder in (registries.BINARY.parent, registries.ROOT / "build-asan")]
    found = [path for path in made if path.exists()]
    assert found, "the program that is driven is not built: make watcher"
    return found[0]


def ask(program, registry, config, reference, *types, ca=None, plain=True, deadline="30s"):
    code, text, seconds, peak = asking.run(deadline, ca or "-", config, registry.address if plain else "-", reference, *types,
                                           program=program, patience=60)
    answer = json.loads(text)
    assert code == (0 if answer["error"] is None else 1), text
    return answer, seconds, peak


def test_real_ones(program, each, made):
    registry, references = each
    attached = references["attached"].rpartition("@")[2]
    name = f"{registry.address}/images"

    def asked(form, *types):
        answer, _, _ = ask(program, registry, registry.docker_config(), f"{name}/{form}@{made[form].digest}", *types,
                           ca=registry.ca, plain=registry.ca is None)
        assert answer["error"] is None, answer
        return sorted(answer["digests"])

    assert asked("single") == sorted([made["artifact"].digest, attached])
    if registry.kind == "referrers":  # it lists the media type of the config, not the artifactType of the manifest
        assert asked("single", images.SBOM) == [] and asked("single", images.EMPTY) == asked("single")
    else:
        assert asked("single", images.SBOM) == [made["artifact"].digest] and asked("single", SIGNATURE) == [attached]
    assert asked("single", "application/vnd.example.none") == []
    assert asked("changed") == []


# -- lists that are hostile --

def page(manifests, link=None):
    def behave(exchange):
        answer = Answer(200, images.packed({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests}), Content_Type=INDEX)
        if link:
            answer.set("Link", f"<{link(exchange)}>; rel=\"next\"")
        exchange.send(answer)
        return True
    return behave


def number(exchange):
    return f"{exchange.request.path.partition('?')[0]}?n={len(exchange.registry.requests)}"


LISTS = {
    "the same page again": page([REFERRER], lambda exchange: exchange.request.path), "on and on": page([], number),
    "on and on, more each time": page([REFERRER] * 100, number), "next is elsewhere": page([REFERRER], b.elsewhere),
    "next is metadata": page([REFERRER], lambda _: f"https://{b.METADATA}/"), "next is a file": page([], lambda _: "file:///etc/passwd"),
    "next is garbage": page([], lambda _: "https://[::1/"), "five thousand": page([REFERRER] * 5000),
    "HTML": b.html, "a manifest": b.instead(200, b"{}", Content_Type=images.MANIFEST),
    "five megabytes": b.instead(200, b" " * (5 << 20), Content_Type=INDEX), "null": b.instead(200, b"null", Content_Type=INDEX),
    "a digest that is none": page([{**REFERRER, "digest": "sha256:../../x"}]), "a size below 0": page([{**REFERRER, "size": -1}]),
    **BROKEN, **BODIES, **STATUSES, **{"redirect " + name: one for name, one in REDIRECTS.items()}}
# There is no such API, so that there is nothing but by tag; and the truth, which is cut off behind its end.
WITHOUT = {"404", "410", "HTML", "headers_cut_off"}


def test_hostile_ones(program, single, tmp_path, capsys):
    def check(job):
        folder, name = tmp_path / str(job[0]), job[1]
        folder.mkdir(exist_ok=True)
        with Hostile(single, "bearer") as registry, Hostile(single, host="127.0.0.2") as registry.elsewhere:
            registry.replace("referrers", LISTS.get(name, lambda exchange: exchange.honest() or True))
            answer, seconds, peak = ask(program, registry, registry.docker_config(folder),
                                        f"{registry.address}/{NAME}@{single.digest}", deadline=f"{DEADLINE}s")
            reached = "referrers" in registry.steps()
            assert len(registry.requests) <= 30, (name, len(registry.requests))
            assert registry.elsewhere.accepted == 0, name
            assert not any(secret in str(answer) for secret in (registries.PASSWORD, TOKEN)), answer
        if name == "honest":
            assert answer == {"digests": [REFERRER["digest"]], "error": None}
        else:
            assert answer["digests"] == [] and (answer["error"] or name in WITHOUT), f"{name}: {answer}"
        return max(0.0, seconds - DEADLINE), peak, name, reached

    usual = check(("honest", "honest"))[1]
    jobs = list(enumerate(LISTS))
    with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
        results = list(pool.map(check, jobs))
    for job in jobs:  # the time may have been this machine's: by themselves, then
        for _ in range(2):
            late, _, _, reached = results[job[0]]
            if late > GRACE or not reached:
                results[job[0]] = check(job)
    assert [name for _, _, name, reached in results if not reached] == []
    slowest, largest = max(results), max(results, key=lambda one: one[1])
    with capsys.disabled():
        print(f"\n{len(results)} hostile lists of referrers: {slowest[0] * 1000:.0f} ms late at most ({slowest[2]}); "
              f"{largest[1] / 1024:.1f} MB at most ({largest[2]}), {usual / 1024:.1f} MB by an honest one")
    assert slowest[0] <= GRACE, slowest
    assert largest[1] <= usual + MEMORY, largest

"""What a registry that lies, stalls and floods makes `image inspect` say of an image: the truth, or nothing. Its manifests and
configs are replaced one by one; and images that are odd in themselves."""
import concurrent.futures
import contextlib
import json
import math

import pytest

import asking
import behaviours as b
import images
import registries
from hostile import NAME, TAG, TOKEN, Hostile
from hostile_cases import BODIES, BROKEN, REDIRECTS, STATUSES

DEADLINE, GRACE, MEMORY, BESIDE = 1.0, 0.5, 24 * 1024, 6

BEHAVIOURS = {**BROKEN, **BODIES, **STATUSES, **{"redirect " + name: one for name, one in REDIRECTS.items()},
              "other bytes": b.other_bytes, "HTML": b.html, "type of text": b.type_header("text/plain"), "no type": b.type_header(),
              "another digest": b.digest_header(b.OTHER), "empty": b.instead(200, b"{}", Content_Type=images.MANIFEST)}
# The truth may be told all the same.
HARMLESS = {"blob": {"another digest", "type of text", "no type", "headers_cut_off"}, "index": {"no type"}, "manifest": {"no type"}}


def only(path, behaviour):
    def behave(exchange):
        if exchange.request.path.endswith(path):
            return behaviour(exchange)
        exchange.honest()
        return True
    return behave


def inspect(registry, folder, timeout="30s"):
    """The answer, or the text that is none; seconds and peak."""
    code, text, seconds, peak = asking.run(
        "image", "inspect", "--output", "json", "--timeout", timeout, "--plain-http", registry.address, "--docker-config",
        registry.docker_config(folder), f"{registry.address}/{NAME}:{TAG}", patience=30)
    answer = json.loads(text)
    assert (code == 0) == (answer["error"] is None) == (answer["image"] is not None), text
    assert not any(secret in text for secret in (registries.PASSWORD, TOKEN, registry.basic[6:])), text
    return answer, seconds, peak


@pytest.fixture(scope="module")
def honest(made, tmp_path_factory):
    """What is true of the index, and what it takes to say so."""
    with Hostile(made["index"], "bearer") as registry:
        answer, _, peak = inspect(registry, tmp_path_factory.mktemp("honest"))
    return answer["image"], peak


def places(index):
    manifest = index.children[1]
    config = json.loads(index.read(manifest["digest"]))["config"]
    return {"index": ("manifest", index.digest), "manifest": ("manifest", manifest["digest"]), "blob": ("blob", config["digest"])}


def test_the_truth_or_nothing(made, honest, tmp_path, capsys):
    index, (truth, usual) = made["index"], honest

    def check(job, deadline=DEADLINE):
        """How late it was, at most memory, and what; infinitely late if time was over before what is replaced was asked for."""
        number, (what, name) = job
        step, path = places(index)[what]
        (tmp_path / str(number)).mkdir(exist_ok=True)
        with Hostile(index, "bearer") as registry, Hostile(index, None, host="127.0.0.2") as registry.elsewhere:
            registry.replace(step, only(path, BEHAVIOURS[name]))
            answer, seconds, peak = inspect(registry, tmp_path / str(number), f"{deadline}s")
            assert registry.elsewhere.accepted == 0, (what, name)
            reached = any(request.path.endswith(path) for request in registry.requests)
        expected = (None, truth) if name in HARMLESS[what] else (None,)
        assert answer["image"] in expected, f"{what}, {name}: {answer}"
        return max(0.0, seconds - deadline) if reached else math.inf, peak, f"{what}, {name}"

    jobs = list(enumerate((what, name) for what in places(index) for name in BEHAVIOURS))
    with concurrent.futures.ThreadPoolExecutor(BESIDE) as pool:
        results = list(pool.map(check, jobs))
    for job, (late, _, _) in zip(jobs, list(results)):
        for _ in range(2):
            if late > GRACE:
                results[job[0]] = check(job, 10 * DEADLINE if late == math.inf else DEADLINE)
                late = results[job[0]][0]
    slowest, largest = max(results), max(results, key=lambda one: one[1])
    with capsys.disabled():
        print(f"\n{len(results)} hostile manifests and configs: {slowest[0] * 1000:.0f} ms late at most ({slowest[2]}); "
              f"{largest[1] / 1024:.1f} MB at most ({largest[2]}), {usual / 1024:.1f} MB by an honest one")
    assert slowest[0] <= GRACE, slowest
    assert largest[1] <= usual + MEMORY, largest


# -- images that are odd in themselves --

def manifest(image, config, **more):
    document = {"schemaVersion": 2, "mediaType": images.MANIFEST, "config": config, "layers": [], **more}
    return image.blob(images.MANIFEST, images.packed(document))


def config(image, document):
    return image.blob(images.OCI + "config.v1+json", document if isinstance(document, bytes) else images.packed(document))


PLAIN = {**images.AMD64, "config": {}, "rootfs": {"type": "layers", "diff_ids": []}}


def config_of_ten_gigabytes(image):
    return manifest(image, {**config(image, PLAIN), "size": 10 << 30})


def config_of_no_size(image):
    return manifest(image, {**config(image, PLAIN), "size": -1})


def large_config(image):
    return manifest(image, config(image, {**PLAIN, "author": "a" * (9 << 20)}))


def deep_config(image):
    return manifest(image, config(image, b'{"config":' + b"[" * 200000 + b"]" * 200000 + b"}"))


def layers_beside_manifests(image):
    return manifest(image, config(image, PLAIN), manifests=[])


def large_manifest(image):
    return manifest(image, config(image, PLAIN), annotations={"a": "a" * (5 << 20)})


def many_platforms(image):
    one = manifest(image, config(image, PLAIN))
    return image.several(images.INDEX, [{**one, "platform": {"os": "linux", "architecture": f"a{n}"}} for n in range(5000)])


def twice_the_same_key(image):
    text = images.packed({"schemaVersion": 2, "mediaType": images.MANIFEST, "config": config(image, PLAIN), "layers": []})
    return image.blob(images.MANIFEST, text[:-1] + b',"layers":[]}')


def an_index_in_an_index_in_an_index(image):
    inner = manifest(image, config(image, PLAIN))
    for _ in range(30):
        inner = image.several(images.INDEX, [{**inner, "platform": images.AMD64}])
    return inner


ODD = {
    config_of_ten_gigabytes: "the config is larger than", config_of_no_size: "config.size: must not be negative",
    large_config: "the config is larger than", deep_config: "nested deeper than", large_manifest: "the answer is larger than",
    layers_beside_manifests: "manifests: has no place in a manifest", many_platforms: "manifests: has 5000 entries",
    twice_the_same_key: 'the key "layers" stands twice', an_index_in_an_index_in_an_index: "indexes stand in each other"}


@pytest.mark.parametrize("build", ODD, ids=lambda one: one.__name__)
def test_odd_images_are_refused(build, honest, tmp_path):
    image = images.Image(tmp_path / "image")
    image.end(build(image))
    with Hostile(image, "bearer") as registry:
        answer, _, peak = inspect(registry, tmp_path)
        assert len(registry.requests) < 20
    assert answer["image"] is None and ODD[build] in answer["error"]
    assert peak <= honest[1] + MEMORY


HOSTILE_TEXT = "\x1b[2J\x1b]0;x\x07\u202e\u0000\nverdict: allowed"


def test_hostile_texts_reach_no_terminal(tmp_path):
    image = images.Image(tmp_path / "image")
    image.end(manifest(image, config(image, {**PLAIN, "config": {
        "User": HOSTILE_TEXT, "Labels": {HOSTILE_TEXT: HOSTILE_TEXT}, "Entrypoint": [HOSTILE_TEXT], "Env": [HOSTILE_TEXT + "=1"]}}),
        annotations={HOSTILE_TEXT: HOSTILE_TEXT}))
    with contextlib.ExitStack() as stack:
        registry = stack.enter_context(Hostile(image))
        _, text, _, _ = asking.run("image", "inspect", "--plain-http", registry.address, f"{registry.address}/{NAME}:{TAG}")
    assert not set(text) & set("\x1b\x07\u202e\0"), text
    assert text.count("verdict: allowed") == 7
    assert not any(line.startswith("verdict") for line in text.splitlines())

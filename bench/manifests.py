"""The manifests that the command lines judge: the workloads of the corpus with other images.

Each object has a name of its own and images of one sort after another, so that some are admitted,
and every rule denies some."""
import itertools
import json

import yaml

import load

CORPUS = load.CORPUS.parent / "objects.ndjson"
API_VERSIONS = {"v1", "apps/v1", "batch/v1"}  # what a cluster of today has
KINDS = {"Pod", "Deployment", "DaemonSet", "StatefulSet", "Job", "CronJob"}
DIGEST = "@sha256:" + "0123456789abcdef" * 4

# By what is denied in them: all tools read each of these in the same way.
IMAGES = [
    "registry.example.com/shop/cart:1.4.2" + DIGEST,
    "quay.io/team/proxy:v2" + DIGEST,
    "registry.example.com/shop/cart:latest" + DIGEST,
    "registry.example.com/shop/web" + DIGEST,
    "docker.io/library/nginx:1.27" + DIGEST,
    "registry.example.com/shop/cart:1.4.2",
    "quay.io/team/proxy:latest",
    "registry.example.com.evil.org/shop/cart:1.4.2" + DIGEST,
    "quay.io/team/proxy:v2.1" + DIGEST,
    "evil.org/registry.example.com/cart:2" + DIGEST,
    "registry.example.com/shop/web",
    "registry.example.com/platform/agent:2026.11" + DIGEST,
]


def workloads():
    for line in CORPUS.read_text().splitlines():
        found = json.loads(line)["object"]
        for one in found if isinstance(found, list) else [found]:
            if one["kind"] in KINDS and one.get("apiVersion") in API_VERSIONS:
                yield one


def pod_spec(workload):
    spec = workload["spec"]
    if workload["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    return spec if workload["kind"] == "Pod" else spec["template"]["spec"]


def template(workload):
    """Its text with places for a name, for the image of its last container, and for that of the others."""
    workload["metadata"].update(name="NAME", namespace="shop")
    spec = pod_spec(workload)
    spec["volumes"] = [volume for volume in spec.get("volumes") or [] if "image" not in volume]
    containers = spec["containers"] + (spec.get("initContainers") or [])
    for container in containers:
        container["image"] = "IMAGE"
    containers[-1]["image"] = "LAST"
    return yaml.dump(workload, Dumper=yaml.CSafeDumper, sort_keys=False, width=10**6)


def endless():
    """Texts of manifests, without end."""
    templates = [template(one) for one in workloads()]
    for number in itertools.count():
        last = (number + number // len(IMAGES)) % len(IMAGES)
        text = templates[number % len(templates)].replace("name: NAME", f"name: workload-{number:06}")
        text = text.replace("image: IMAGE", f"image: {IMAGES[number % len(IMAGES)]}")
        yield text.replace("image: LAST", f"image: {IMAGES[last]}")


def write_folder(folder, count):
    """`count` files. Returns how many objects and bytes there are."""
    folder.mkdir()
    size = 0
    for number, text in zip(range(count), endless()):
        (folder / f"{number:06}.yaml").write_text(text)
        size += len(text)
    return count, size


def write_file(path, size):
    """One file of at least `size` bytes. Returns how many objects and bytes there are."""
    count = written = 0
    with path.open("w") as file:
        for text in endless():
            written += file.write("---\n" + text)
            count += 1
            if written >= size:
                return count, written

"""A real registry over TLS that is stocked with as many images as a benchmark wants, and a server that asks it."""
import base64
import http.client
import json
import ssl
import sys
import urllib.parse

import load
import servers

sys.path.append(str(load.ROOT / "tests/registry"))

import images  # noqa: E402
import registries  # noqa: E402

PLATFORMS = (images.AMD64, images.ARM64)


class Stocked:
    """Distribution v3. `put` answers with the digest; `kill` and `start` are those of the process."""

    def __init__(self, folder, stack):
        folder.mkdir()
        self.registry = registries.Registry("distribution", folder, tls=True)
        stack.callback(self.registry.close)
        self.registry.start()
        self.made = images.Image(folder / "image")
        self.trust = ssl.create_default_context(cafile=self.registry.ca)
        self.connection = self.connect()

    def connect(self):
        return http.client.HTTPSConnection("127.0.0.1", self.registry.port, context=self.trust, timeout=30)

    def request(self, method, path, body, media_type="application/octet-stream"):
        self.connection.request(method, path, body, {"Content-Type": media_type})
        answer = self.connection.getresponse()
        said = answer.read()
        if answer.status not in (201, 202):
            sys.exit(f"bench: the registry answers {answer.status} to {method} {path}: {said!r}")
        return answer.headers.get("Location", "")

    def put_blob(self, repository, digest):
        place = urllib.parse.urlsplit(self.request("POST", f"/v2/{repository}/blobs/uploads/", b""))
        self.request("PUT", f"{place.path}?{place.query}&digest={digest}", self.made.read(digest))

    def put_image(self, repository, tag, number):
        """An index of two platforms that no other number has. Returns its digest."""
        manifests = [self.made.platform(platform, text=f"{number}\n".encode()) for platform in PLATFORMS]
        index = self.made.several(images.INDEX, manifests)
        for manifest in manifests:
            document = self.made.read(manifest["digest"])
            parsed = json.loads(document)
            for blob in (parsed["config"], *parsed["layers"]):
                self.put_blob(repository, blob["digest"])
            self.request("PUT", f"/v2/{repository}/manifests/{manifest['digest']}", document, images.MANIFEST)
        self.request("PUT", f"/v2/{repository}/manifests/{tag}", self.made.read(index["digest"]), images.INDEX)
        return index["digest"]

    def put_tag(self, repository, tag, number):
        """An index of nothing that no other number has: enough to have a digest. Returns it."""
        document = images.packed({"schemaVersion": 2, "mediaType": images.INDEX, "manifests": [],
                                  "annotations": {"org.opencontainers.image.version": str(number)}})
        self.request("PUT", f"/v2/{repository}/manifests/{tag}", document, images.INDEX)
        return images.digest_of(document)

    def host(self, address=None):
        """How a server's configuration tells of it."""
        return {"host": address or self.registry.address, "insideNetwork": True, "ca": str(self.registry.ca)}


def settings(*hosts, **more):
    """Lines of a server's configuration that let it ask these hosts."""
    return f"registries: {json.dumps({'hosts': list(hosts), **more})}\n"


def policy(spec):
    return f"apiVersion: pratique.dev/v1alpha1\nkind: ClusterImagePolicy\nmetadata: {{name: measured}}\nspec:\n{spec}"


def review_of(references):
    """The Deployment of the benchmark with a container for each reference, each like the one that it has."""
    review = json.loads(load.real_deployment())
    spec = review["request"]["object"]["spec"]["template"]["spec"]
    first = spec["containers"][0]
    spec["containers"] = [{**first, "name": f"c{number}", "image": reference} for number, reference in enumerate(references)]
    return json.dumps(review, separators=(",", ":")).encode()


def ask(connection, review, path="/mutate?timeout=10s"):
    """The response to a review, which must be one, and the images that its patch writes."""
    connection.request("POST", path, review, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    said = answer.read()
    if answer.status != 200:
        return {"allowed": False, "status": {"code": answer.status, "message": said.decode(errors="replace")}}, []
    response = json.loads(said)["response"]
    patch = json.loads(base64.b64decode(response.get("patch", "W10=")))
    return response, [one["value"] for one in patch if one["op"] != "test" and one["path"].endswith("/image")]


def admitted(connection, review, path="/mutate?timeout=10s"):
    """The images that the patch of an admitted review writes; anything else ends the benchmark."""
    response, written = ask(connection, review, path)
    return written if response["allowed"] else sys.exit(f"bench: {path} denies: {response['status']['message'][:600]}")


def metrics(server):
    """All series of a server, by their text."""
    probe = http.client.HTTPConnection("127.0.0.1", server.plain_port, timeout=10)
    probe.request("GET", "/metrics")
    lines = probe.getresponse().read().decode().splitlines()
    probe.close()
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines if line and line[0] != "#")}


def answers(server):
    """How many questions were answered, by where the answers were from."""
    series = "pratique_registry_answers_total{source=\""
    return {name[len(series):-2]: int(value) for name, value in metrics(server).items() if name.startswith(series)}


RULES = """  rules:
    - name: registries
      allow: ["localhost:*/shop/**", "127.0.0.1:*/shop/**"]
    - name: no-moving-tag
      deny: ["**:latest", "**:main"]
    - name: tagged
      require: [tag]
"""
DIGEST = """    - name: digest
      require: [digest]
"""
IMAGE = """    - name: what-it-is
      image: {platforms: [linux/amd64, linux/arm64], maxLayers: 50, user: {notRoot: true}}
"""
RESOLVE = "  mutate: {resolveDigest: true}\n"

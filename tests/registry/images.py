"""Images of every form that registries hold, made here as OCI layouts and pushed by crane and oras:

    make(folder)                 all of FORMS; each an Image, with its layout, digest and media type
    push(registry, image, name)  as the tag "1.0" of a repository
    stock(registry, images)      all of them in `images/FORM`, and an artifact attached to images/single by oras

The same bytes each time. The images of the vectors, whose large layers are left out, go only where a registry does not
ask for layers (`push_raw`); VECTORS is where they are."""
import gzip
import hashlib
import io
import json
import os
import pathlib
import tarfile

import registries

OCI, DOCKER = "application/vnd.oci.image.", "application/vnd.docker."
MANIFEST, INDEX = OCI + "manifest.v1+json", OCI + "index.v1+json"
DOCKER_MANIFEST = DOCKER + "distribution.manifest.v2+json"
DOCKER_LIST = DOCKER + "distribution.manifest.list.v2+json"
EMPTY = "application/vnd.oci.empty.v1+json"
IN_TOTO = "application/vnd.in-toto+json"
SBOM = "application/vnd.example.sbom"
CREATED = "2026-01-02T03:04:05Z"

VECTORS = pathlib.Path(os.environ.get("PRATIQUE_VECTORS", registries.ROOT / "tests/vectors")) / "slsa-verifier/images"

AMD64 = {"architecture": "amd64", "os": "linux"}
ARM64 = {"architecture": "arm64", "os": "linux", "variant": "v8"}
UNKNOWN = {"architecture": "unknown", "os": "unknown"}


def digest_of(data):
    return "sha256:" + hashlib.sha256(data).hexdigest()


def packed(document):
    return json.dumps(document, separators=(",", ":")).encode()


def tar_of(name, text):
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        member = tarfile.TarInfo(name)
        member.size = len(text)
        archive.addfile(member, io.BytesIO(text))
    return buffer.getvalue()


class Image:
    """A layout whose index.json names one manifest or index. `children`: the descriptors of an index."""

    def __init__(self, folder):
        self.folder, self.digest, self.media_type, self.children = folder, None, None, []
        (folder / "blobs/sha256").mkdir(parents=True)
        (folder / "oci-layout").write_text('{"imageLayoutVersion":"1.0.0"}')

    def blob(self, media_type, data, **more):
        """Add a blob; returns its descriptor."""
        digest = digest_of(data)
        (self.folder / "blobs" / digest.replace(":", "/")).write_bytes(data)
        return {"mediaType": media_type, "digest": digest, "size": len(data), **more}

    def read(self, digest):
        return (self.folder / "blobs" / digest.replace(":", "/")).read_bytes()

    def end(self, descriptor):
        self.digest, self.media_type = descriptor["digest"], descriptor["mediaType"]
        (self.folder / "index.json").write_bytes(
            packed({"schemaVersion": 2, "mediaType": INDEX, "manifests": [descriptor]}))
        return self

    def platform(self, platform, docker=False, text=b"hello\n"):
        """Add an image for one platform; returns the descriptor of its manifest."""
        content = tar_of("hello", text)
        config = {"created": CREATED, **platform,
                  "config": {"User": "65532", "Env": ["PATH=/"], "Entrypoint": ["/hello"], "Cmd": ["--quiet"], "WorkingDir": "/",
                             "ExposedPorts": {"8080/tcp": {}}, "Labels": {"org.opencontainers.image.source": "https://git.example.com/hello"}},
                  "rootfs": {"type": "layers", "diff_ids": [digest_of(content)]},
                  "history": [{"created": CREATED, "created_by": "COPY hello / # of the tests"}]}
        layer = DOCKER + "image.rootfs.diff.tar.gzip" if docker else OCI + "layer.v1.tar+gzip"
        manifest = {"schemaVersion": 2, "mediaType": DOCKER_MANIFEST if docker else MANIFEST,
                    "config": self.blob(DOCKER + "container.image.v1+json" if docker else OCI + "config.v1+json", packed(config)),
                    "layers": [self.blob(layer, gzip.compress(content, mtime=0))]}
        if not docker:
            manifest["annotations"] = {"org.opencontainers.image.version": "1.0"}
        return self.blob(manifest["mediaType"], packed(manifest), platform=platform)

    def attestation(self, subject):
        """Add what buildkit writes beside an image; returns its descriptor."""
        statement = packed({"_type": "https://in-toto.io/Statement/v0.1", "predicateType": "https://slsa.dev/provenance/v0.2",
                            "subject": [{"name": "hello", "digest": {"sha256": subject["digest"][7:]}}], "predicate": {}})
        config = {**UNKNOWN, "config": {}, "rootfs": {"type": "layers", "diff_ids": [digest_of(statement)]}}
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": self.blob(OCI + "config.v1+json", packed(config)),
                    "layers": [self.blob(IN_TOTO, statement,
                                         annotations={"in-toto.io/predicate-type": "https://slsa.dev/provenance/v0.2"})]}
        return self.blob(MANIFEST, packed(manifest), platform=UNKNOWN,
                         annotations={"vnd.docker.reference.digest": subject["digest"],
                                      "vnd.docker.reference.type": "attestation-manifest"})

    def several(self, media_type, descriptors, **more):
        self.children = descriptors
        return self.blob(media_type, packed({"schemaVersion": 2, "mediaType": media_type, "manifests": descriptors, **more}))


def single(image):
    return image.platform(AMD64)


def changed(image):
    """What a tag is moved to."""
    return image.platform(AMD64, text=b"something else\n")


def index(image):
    platforms = [image.platform(AMD64), image.platform(ARM64)]
    return image.several(INDEX, platforms + [image.attestation(one) for one in platforms],
                         annotations={"org.opencontainers.image.title": "hello"})


def docker(image):
    return image.platform(AMD64, docker=True)


def docker_list(image):
    return image.several(DOCKER_LIST, [image.platform(AMD64, docker=True), image.platform(ARM64, docker=True)])


def artifact(image):
    """One whose subject is `single`."""
    subject = {key: value for key, value in image.platform(AMD64).items() if key != "platform"}
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": SBOM, "config": image.blob(EMPTY, b"{}"),
                "layers": [image.blob(SBOM, b'{"packages":[]}')], "subject": subject}
    return image.blob(MANIFEST, packed(manifest))


FORMS = {one.__name__.replace("_", "-"): one for one in (single, changed, index, docker, docker_list, artifact)}


def make(folder):
    images = {}
    for form, build in FORMS.items():
        image = Image(folder / form)
        images[form] = image.end(build(image))
    return images


def push(registry, image, name, tag="1.0"):
    """Returns the reference by tag."""
    reference = f"{registry.address}/{name}:{tag}"
    pushed = registry.crane("push", image.folder, reference)
    assert pushed.endswith("@" + image.digest), pushed
    return reference


def stock(registry, images):
    """The references of all, by form; "attached" is the artifact by its digest."""
    references = {form: push(registry, image, "images/single" if form == "artifact" else "images/" + form,
                             "sbom" if form == "artifact" else "1.0") for form, image in images.items()}
    signature = registry.folder / "signature.json"
    signature.write_text("{}")
    made = json.loads(registry.oras("attach", "--artifact-type", "application/vnd.example.signature", "--format", "json",
                                    "--disable-path-validation", references["single"], f"{signature}:application/json"))
    return {**references, "attached": made["reference"]}


# -- the images of the vectors --

def push_raw(registry, folder, name):
    """All manifests and blobs that a layout has, as they are, by oras; returns {tag: descriptor}, a tag for each manifest of
    its index."""
    tags, blobs = {}, folder / "blobs/sha256"
    for blob in blobs.iterdir():
        registry.oras("blob", "push", f"{registry.address}/{name}@sha256:{blob.name}", blob)

    def put(where, descriptor):
        registry.oras("manifest", "push", "--media-type", descriptor["mediaType"], f"{registry.address}/{name}{where}",
                      blobs / descriptor["digest"][7:])
    for number, descriptor in enumerate(json.loads((folder / "index.json").read_text())["manifests"]):
        for child in json.loads((blobs / descriptor["digest"][7:]).read_text()).get("manifests", []):
            if (blobs / child["digest"][7:]).exists():
                put("@" + child["digest"], child)
        put(f":m{number}", descriptor)
        tags[f"m{number}"] = descriptor
    return tags

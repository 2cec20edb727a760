"""References that the converters are asked about: pairs of an image and one of its spellings."""
DIGEST = "@sha256:" + "0123456789abcdef" * 4
NAMES = ["docker.io/library/nginx", "docker.io/acme/nginx", "ghcr.io/acme/app", "ghcr.io/acme/app/deep", "ghcr.io/acme2/app",
         "ghcr.io.evil.com/acme/app", "evil.com/ghcr.io/acme/app", "x.ghcr.io/acme/app", "ghcr.io:5000/acme/app"]
TAILS = ["", ":latest", ":1.0", DIGEST, ":1.0" + DIGEST]


def spellings(name):
    if not name.startswith("docker.io/"):
        return [name]
    rest = name.removeprefix("docker.io/")
    short = [rest.removeprefix("library/")] if rest.startswith("library/") else []
    return [name, rest, "index.docker.io/" + rest] + short


IMAGES = [(f"{name}{'' if tail == ':latest' else tail}".replace(":1.0@", "@"), spelling + tail)
          for name in NAMES for spelling in spellings(name) for tail in TAILS]

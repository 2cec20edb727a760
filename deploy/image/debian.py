"""What dpkg's database says of files and packages. It reads the database of the root that it runs in."""
import pathlib
import re
import subprocess

INFO = pathlib.Path("/var/lib/dpkg/info")
LICENSES = "/usr/share/common-licenses"
FIELDS = ("Package", "Version", "Architecture", "Maintainer", "source:Package", "source:Version")


class Package:
    """An installed package: name, version, arch, maintainer, its source package, and its stanza as dpkg has it."""

    def __init__(self, name):
        form = "".join(f"${{{field}}}\n" for field in FIELDS)
        shown = subprocess.run(["dpkg-query", "-W", "-f", form, name], check=True, capture_output=True, text=True)
        (self.name, self.version, self.arch, self.maintainer, self.source, self.source_version) = \
            shown.stdout.splitlines()
        self.stanza = subprocess.run(["dpkg-query", "-s", name], check=True, capture_output=True, text=True).stdout

    @property
    def copyright(self):
        return pathlib.Path("/usr/share/doc") / self.name / "copyright"


def canonical(path):
    """The path with links in its folders resolved, and the last name kept: /lib/x is /usr/lib/x on merged roots."""
    path = pathlib.Path(path)
    return path.parent.resolve() / path.name


def owners(paths):
    """A dict from each canonical path to the name of the package that installed it. Raises LookupError if none did."""
    wanted = {str(path) for path in paths}
    names = {pathlib.Path(path).name for path in wanted}
    found = {}
    for listing in sorted(INFO.glob("*.list")):
        for line in listing.read_text().splitlines():
            if line.rpartition("/")[2] in names and str(canonical(line)) in wanted:
                found[str(canonical(line))] = listing.stem.partition(":")[0]
    missing = sorted(wanted - found.keys())
    if missing:
        raise LookupError(f"no package installed {', '.join(missing)}")
    return found


def licenses(texts):
    """The files of Debian's common licences that these copyright texts refer to instead of quoting them."""
    named = {name.rstrip(".") for text in texts for name in re.findall(LICENSES + r"/([A-Za-z0-9.+-]+)", text)}
    return [path for path in (pathlib.Path(LICENSES) / name for name in sorted(named)) if path.exists()]


def release():
    """The fields of /etc/os-release."""
    lines = pathlib.Path("/etc/os-release").read_text().splitlines()
    return {key: value.strip('"') for key, _, value in (line.partition("=") for line in lines) if value}

"""The bill of materials of the image as CycloneDX 1.6: every package with its files, every file with its SHA-256."""
import datetime
import hashlib
import json
import urllib.parse
import uuid


def purl(package, release):
    """Scanners find a Debian package by its source, which `upstream` names."""
    def quoted(text):
        return urllib.parse.quote(text, safe="-._~")

    upstream = quoted(f"{package.source}@{package.source_version}")
    return (f"pkg:deb/{release['ID']}/{quoted(package.name)}@{quoted(package.version)}"
            f"?arch={package.arch}&distro={release['ID']}-{release['VERSION_ID']}&upstream={upstream}")


def file_components(root, paths):
    return [{"type": "file", "name": f"/{path.relative_to(root)}",
             "hashes": [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]}
            for path in sorted(paths)]


def package_component(root, package, release, paths):
    return {
        "type": "library",
        "bom-ref": purl(package, release),
        "supplier": {"name": "Debian", "url": ["https://www.debian.org/"]},
        "publisher": package.maintainer,
        "name": package.name,
        "version": package.version,
        "licenses": [{"license": {"name": f"as in {package.copyright}"}}],
        "purl": purl(package, release),
        "properties": [{"name": "debian:source", "value": package.source},
                       {"name": "debian:source-version", "value": package.source_version}],
        "components": file_components(root, paths),
    }


def program_component(root, facts, paths):
    return {
        "type": "application",
        "bom-ref": "pratique",
        "supplier": {"name": "The pratique authors", "url": ["https://github.com/pratique-dev/pratique"]},
        "name": "pratique",
        "version": facts["version"],
        "licenses": [{"license": {"id": "Apache-2.0"}}],
        "purl": f"pkg:github/pratique-dev/pratique@{urllib.parse.quote(facts['revision'], safe='')}",
        "components": file_components(root, paths),
    }


def metadata(facts):
    time = datetime.datetime.fromtimestamp(facts["epoch"], datetime.timezone.utc)
    return {
        "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ"),
        "lifecycles": [{"phase": "build"}],
        "tools": {"components": [{"type": "application", "name": "pratique deploy/image/assemble",
                                  "version": facts["version"]}]},
        "component": {"type": "container", "bom-ref": "image", "name": "pratique", "version": facts["version"]},
    }


def document(root, facts, release, packages, files, needs):
    """The text of the document. packages: Package by name. files: paths in the root by package name, "" for our own.
    needs: by package name, "" for ours, the names of the packages whose libraries it is linked with."""
    refs = {name: purl(package, release) for name, package in packages.items()} | {"": "pratique"}
    system = {"type": "operating-system", "bom-ref": "system", "name": release["ID"],
              "version": release["VERSION_ID"], "description": release["PRETTY_NAME"]}
    body = {
        "metadata": metadata(facts),
        "components": [program_component(root, facts, files[""]), system] +
                      [package_component(root, packages[name], release, files[name]) for name in sorted(packages)],
        "dependencies": [{"ref": "image", "dependsOn": sorted(refs.values())}] +
                        [{"ref": refs[name], "dependsOn": sorted(refs[other] for other in needs.get(name, ()))}
                         for name in sorted(refs)],
    }
    serial = uuid.uuid5(uuid.NAMESPACE_URL, json.dumps(body, sort_keys=True))
    head = {"bomFormat": "CycloneDX", "specVersion": "1.6", "serialNumber": f"urn:uuid:{serial}", "version": 1}
    return json.dumps(head | body, indent=1, ensure_ascii=False) + "\n"

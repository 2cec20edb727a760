"""What is in the image, and that nothing else is."""
import gzip
import re
import stat

GOAL = 30e6  # bytes, compressed

EXPECTED = re.compile(r"""
    etc/(group|passwd|nsswitch\.conf|os-release|ssl/certs/ca-certificates\.crt)
    | lib | lib64                                                  # links into usr
    | usr/bin/pratique
    | usr/lib/os-release
    | usr/lib/[a-z0-9_]+-linux-gnu/[A-Za-z0-9._+-]+\.so(\.\d+)*
    | usr/lib(64)?/ld-linux-[a-z0-9-]+\.so\.\d+
    | usr/share/common-licenses/[A-Z][A-Za-z0-9.-]+
    | usr/share/doc/[a-z0-9][a-z0-9.+-]+/copyright
    | usr/share/doc/pratique/sbom\.json
    | var/lib/dpkg/status\.d/[a-z0-9][a-z0-9.+-]+
    """, re.X)


def library_files(root):
    return {path for path in root.rglob("*.so*") if not path.is_symlink()}


def test_registry_gives_back_what_was_written(image):
    assert image.pulled.digest == image.written.digest
    assert image.pulled.manifest == image.written.manifest


def test_only_expected_files(image):
    names = [member.name.removeprefix("./") for member in image.pulled.members() if not member.isdir()]
    assert [name for name in names if not EXPECTED.fullmatch(name)] == []
    assert len(names) == len(set(names))


def test_owners_and_modes(image):
    for member in image.pulled.members():
        assert member.isreg() or member.isdir() or member.issym(), member.name
        assert (member.uid, member.gid) == (0, 0), member.name
        assert not member.pax_headers, f"{member.name} has attributes: {member.pax_headers}"
        if not member.issym():
            assert not member.mode & (stat.S_ISUID | stat.S_ISGID | 0o022), f"{member.name} {member.mode:o}"


def test_only_the_program_and_the_loader_can_be_executed(image):
    runs = {path.name for path in image.root.rglob("*")
            if path.is_file() and not path.is_symlink() and path.stat().st_mode & 0o111}
    loader = {name for name in runs if name.startswith("ld-linux")}
    assert len(loader) == 1 and runs == {"pratique"} | loader


def test_no_script_can_be_interpreted(image):
    assert [path for path in image.root.rglob("*")
            if path.is_file() and not path.is_symlink() and path.read_bytes()[:2] == b"#!"] == []


def unwinder(root):
    """What libc opens by itself, if anything in the image may end a thread early."""
    ends_threads = [path for path in [root / "usr/bin/pratique", *library_files(root)]
                    if b"\0pthread_exit\0" in path.read_bytes() or b"\0pthread_cancel\0" in path.read_bytes()]
    if {path.name for path in ends_threads} <= {"libc.so.6"}:
        return set()
    return {next(root.glob("usr/lib/*/libgcc_s.so.1")).resolve()}


def test_exactly_the_libraries_that_the_loader_asks_for(image, container):
    """By the image's own loader, inside the image."""
    loader = next(path for path in image.root.glob("usr/lib*/**/ld-linux*"))
    listed = container.run("/usr/bin/pratique", entrypoint=[f"/{loader.relative_to(image.root)}", "--list"])
    assert listed.returncode == 0 and "not found" not in listed.stdout, listed
    asked = set(re.findall(r"(?:=> |^\s+)(/\S+) \(0x", listed.stdout, re.M))
    assert len(asked) > 5
    found = {(image.root / path.lstrip("/")).resolve() for path in asked}
    assert found | unwinder(image.root) == {path.resolve() for path in library_files(image.root)}


def test_every_link_leads_to_a_file_of_the_image(image):
    for path in image.root.rglob("*"):
        if path.is_symlink():
            target = path.resolve()
            assert target.exists() and image.root.resolve() in target.parents, path


def test_certificates_of_public_authorities(image):
    text = (image.root / "etc/ssl/certs/ca-certificates.crt").read_text()
    assert text.count("-----BEGIN CERTIFICATE-----") > 100


def test_accounts(image):
    users = (image.root / "etc/passwd").read_text().splitlines()
    assert users == ["root:x:0:0:root:/:/nonexistent", "pratique:x:65532:65532:pratique:/:/nonexistent"]
    assert (image.root / "etc/group").read_text().splitlines() == ["root:x:0:", "pratique:x:65532:"]


def test_size(image):
    packed = sum(layer["size"] for layer in image.pulled.manifest["layers"])
    unpacked = sum(len(gzip.decompress(path.read_bytes())) for path in image.pulled.layers)
    print(f"{packed / 1e6:.1f} MB compressed, {unpacked / 1e6:.1f} MB unpacked")
    assert packed < GOAL

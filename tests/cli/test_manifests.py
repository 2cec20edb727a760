"""pratique manifests: the files by which an API server is made to ask, whatever is given for them."""
import base64
import os
import re
import shutil
import stat
import subprocess

import pytest
import yaml

from program import BINARY, ROOT

PLUGIN, WEBHOOKS, POD = "image-policy-webhook", "static-webhooks", "static-pod"
NAMES = ("admission-configuration.yaml", "kubeconfig.yaml", "serve.yaml", "validating/pratique.yaml",
         "mutating/pratique.yaml")
POD_NAME = "pratique.yaml"
IMAGE = "registry.example.com/pratique:0.1.0"
CERTIFICATES = ("--client-certificate", "/pki/client.crt", "--client-key", "/pki/client.key")


@pytest.fixture(scope="session")
def pki(tmp_path_factory):
    """A certificate and its key."""
    folder = tmp_path_factory.mktemp("pki")
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                    "-subj", "/CN=ca", "-days", "2", "-keyout", folder / "ca.key", "-out", folder / "ca.crt"],
                   check=True, stderr=subprocess.DEVNULL)
    return folder


@pytest.fixture
def make(run, pki):
    """Run a command where ca.crt and ca.key lie."""
    for name in ("ca.crt", "ca.key"):
        shutil.copy(pki / name, run.folder / name)

    def make(command, *arguments, code=0):
        return run("manifests", command, *arguments, code=code)

    make.folder = run.folder
    return make


def documents(text):
    """The files of a stream by the names in the last comment above them."""
    found = {}
    for part in text.split("\n---\n"):
        comment = part[:re.search(r"^\w", part, re.M).start()].splitlines()
        above = comment[-1]
        [name] = [name for name in NAMES if above.endswith(name)] or [POD_NAME]
        found[name] = yaml.safe_load(part)
    return found


def test_what_is_printed(make, golden):
    golden("manifests-image-policy-webhook.txt", make(
        PLUGIN, "--ca", "/pki/ca.crt", *CERTIFICATES, "--client-name", "kube-apiserver").out)
    golden("manifests-static-pod.txt", make(POD, "--image", IMAGE).out)
    text = make(WEBHOOKS, "--ca", "ca.crt", "--mutating", *CERTIFICATES).out
    ca = base64.b64encode((make.folder / "ca.crt").read_bytes()).decode()
    assert text.count(ca) == 2
    golden("manifests-static-webhooks.txt", text.replace(ca, "BASE64"))


def test_stable(make):
    for words in ((PLUGIN, "--ca", "ca.crt", "--embed"), (WEBHOOKS, "--ca", "ca.crt"), (POD, "--image", IMAGE)):
        assert make(*words).out == make(*words).out


# -- image-policy-webhook --

def plugin(make, *arguments):
    return documents(make(PLUGIN, "--ca", "/pki/ca.crt", *arguments).out)


def image_policy(files):
    [plugin] = files["admission-configuration.yaml"]["plugins"]
    return plugin["configuration"]["imagePolicy"]


def test_plugin_without_client(make):
    result = make(PLUGIN, "--ca", "/pki/ca.crt")
    files = documents(result.out)
    assert set(files) == {"admission-configuration.yaml", "kubeconfig.yaml"}
    assert "users" not in files["kubeconfig.yaml"]
    assert files["kubeconfig.yaml"]["contexts"] == [{"name": "pratique", "context": {"cluster": "pratique"}}]
    assert "# It reads them when it starts. It shows no client certificate" in result.out


@pytest.mark.parametrize("arguments, member, value", [
    ((), "allowTTL", 30), ((), "denyTTL", 30), ((), "retryBackoff", 500), ((), "defaultAllow", False),
    (("--allow-ttl", "5m"), "allowTTL", 300), (("--allow-ttl", "off"), "allowTTL", -1),
    (("--deny-ttl", "30m"), "denyTTL", 1800), (("--deny-ttl", "off"), "denyTTL", -1),
    (("--retry-backoff", "1ms"), "retryBackoff", 1), (("--retry-backoff", "5m"), "retryBackoff", 300000),
    (("--retry-backoff", "off"), "retryBackoff", -1), (("--default-allow",), "defaultAllow", True),
    ((), "kubeConfigFile", "/etc/kubernetes/pratique/kubeconfig.yaml"),
    (("--host-dir", "/conf/"), "kubeConfigFile", "/conf/kubeconfig.yaml"),
    (("--host-dir", "/"), "kubeConfigFile", "/kubeconfig.yaml"),
])
def test_plugin_settings(make, arguments, member, value):
    found = image_policy(plugin(make, *arguments))[member]
    assert found == value and type(found) is type(value)


def test_plugin_says_what_default_allow_means(make):
    closed, opened = (make(PLUGIN, "--ca", "/pki/ca.crt", *more).out for more in ((), ("--default-allow",)))
    assert "# While pratique does not answer, every Pod is denied.\n" in closed
    assert "# While pratique does not answer, every image is admitted.\n" in opened


def test_embedded(make):
    files = documents(make(PLUGIN, "--ca", "ca.crt", "--embed", "--client-certificate", "ca.crt", "--client-key",
                           "ca.key", "--client-name", "a", "--client-name", "b*", "--client-ca", "ca/x.crt").out)
    cluster = files["kubeconfig.yaml"]["clusters"][0]["cluster"]
    user = files["kubeconfig.yaml"]["users"][0]["user"]
    certificate, key = ((make.folder / name).read_bytes() for name in ("ca.crt", "ca.key"))
    assert base64.b64decode(cluster["certificate-authority-data"]) == certificate
    assert base64.b64decode(user["client-certificate-data"]) == certificate
    assert base64.b64decode(user["client-key-data"]) == key
    assert set(cluster) == {"server", "certificate-authority-data"}
    assert files["serve.yaml"] == {"tls": {"clientCA": "ca/x.crt", "clientNames": ["a", "b*"]}}


@pytest.mark.parametrize("text", [
    '/a: "b" #c.crt', "/a\\b", "/it's", "/ x", "/x ", "/- a", "/{a}", "/*", "/&a", "/%a", "/é/ß", "/🚢", "/a,b",
    "/yes", "/a: b", "/|", "/a\\n", "/" + "x" * 1000])
def test_any_path_is_read_back(make, text):
    files = plugin(make, "--client-certificate", text, "--client-key", text, "--client-ca", text,
                   "--client-name", text, "--host-dir", text)
    assert files["kubeconfig.yaml"]["users"][0]["user"] == {"client-certificate": text, "client-key": text}
    assert files["serve.yaml"] == {"tls": {"clientCA": text, "clientNames": [text]}}
    assert image_policy(files)["kubeConfigFile"] == text + "/kubeconfig.yaml"


# -- static-webhooks --

def test_static_webhooks(make):
    files = documents(make(WEBHOOKS, "--ca", "ca.crt").out)
    assert set(files) == {"admission-configuration.yaml", "validating/pratique.yaml"}
    assert files["admission-configuration.yaml"] == {
        "apiVersion": "apiserver.config.k8s.io/v1", "kind": "AdmissionConfiguration", "plugins": [{
            "name": "ValidatingAdmissionWebhook", "configuration": {
                "apiVersion": "apiserver.config.k8s.io/v1", "kind": "WebhookAdmissionConfiguration",
                "staticManifestsDir": "/etc/kubernetes/pratique/validating"}}]}
    validating = files["validating/pratique.yaml"]
    assert validating["metadata"]["name"].endswith(".static.k8s.io")
    [webhook] = validating["webhooks"]
    assert webhook["clientConfig"]["url"] == "https://127.0.0.1:8443/validate"
    assert (webhook["failurePolicy"], webhook["timeoutSeconds"]) == ("Fail", 5)


def test_static_mutating_asks_for_the_same(make):
    files = documents(make(WEBHOOKS, "--ca", "ca.crt", "--mutating", "--timeout", "2", "--failure-policy", "Ignore",
                           "--server", "https://host.example.com/pratique/validate").out)
    [validating], [mutating] = (files[name + "/pratique.yaml"]["webhooks"] for name in ("validating", "mutating"))
    assert validating["clientConfig"]["url"] == "https://host.example.com/pratique/validate"
    assert mutating["clientConfig"]["url"] == "https://host.example.com/pratique/mutate"
    assert mutating.pop("reinvocationPolicy") == "IfNeeded"
    for webhook in (validating, mutating):
        assert (webhook.pop("failurePolicy"), webhook.pop("timeoutSeconds")) == ("Ignore", 2)
        webhook["clientConfig"].pop("url")
        webhook.pop("name")
    assert validating == mutating


def test_static_webhooks_with_client(make):
    files = documents(make(WEBHOOKS, "--ca", "ca.crt", "--server", "https://host.example.com", *CERTIFICATES).out)
    [user] = files["kubeconfig.yaml"]["users"]
    assert user == {"name": "host.example.com:443",
                    "user": {"client-certificate": "/pki/client.crt", "client-key": "/pki/client.key"}}
    [one] = files["admission-configuration.yaml"]["plugins"]
    assert one["configuration"]["kubeConfigFile"] == "/etc/kubernetes/pratique/kubeconfig.yaml"
    assert files["serve.yaml"] == {"tls": {"clientCA": "client-ca.crt"}}


def by_group(rules):
    """Rules as what they say, whatever their order."""
    return sorted((rule["apiGroups"], rule["apiVersions"], sorted(rule["operations"]), sorted(rule["resources"]),
                   rule["scope"]) for rule in rules)


def chart(kind):
    """Objects of a kind in the manifests that are rendered from the chart."""
    return [one for path in (ROOT / "deploy/manifests").glob("*.yaml")
            for one in yaml.safe_load_all(path.read_text()) if one and one["kind"] == kind]


def test_static_webhooks_ask_for_what_the_chart_registers(make):
    files = documents(make(WEBHOOKS, "--ca", "ca.crt").out)
    ours = by_group(files["validating/pratique.yaml"]["webhooks"][0]["rules"])
    configurations = chart("ValidatingWebhookConfiguration")
    assert configurations
    for configuration in configurations:
        for webhook in configuration["webhooks"]:
            assert by_group(webhook["rules"]) == ours


# -- static-pod --

def static_pod(make, *arguments):
    files = documents(make(POD, "--image", IMAGE, *arguments).out)
    return files["pratique.yaml"], files["serve.yaml"]


def test_static_pod_settings(make):
    pod, serve = static_pod(make, "--name", "gate", "--namespace", "ops", "--config-dir", "/a: b", "--policy-dir",
                            "/c", "--tls-dir", "/d", "--port", "9443", "--health-port", "9080", "--user", "0010")
    assert pod["metadata"]["name"] == "gate" and pod["metadata"]["namespace"] == "ops"
    assert [volume["hostPath"]["path"] for volume in pod["spec"]["volumes"]] == ["/a: b", "/c", "/d"]
    assert pod["spec"]["securityContext"]["runAsUser"] == 10
    [container] = pod["spec"]["containers"]
    assert {container[name]["httpGet"]["port"] for name in ("startupProbe", "readinessProbe", "livenessProbe")} == {9080}
    assert (serve["listen"], serve["plain"]) == ({"address": "127.0.0.1", "port": 9443},
                                                 {"address": "127.0.0.1", "port": 9080})


def test_static_pod_mounts_what_its_configuration_names(make):
    pod, serve = static_pod(make)
    [container] = pod["spec"]["containers"]
    mounts = {mount["mountPath"]: mount for mount in container["volumeMounts"]}
    assert all(mount["readOnly"] is True for mount in mounts.values())
    named = [container["args"][2], *serve["policies"], serve["tls"]["certificate"], serve["tls"]["key"]]
    assert all(any(path == mount or path.startswith(mount + "/") for mount in mounts) for path in named)
    volumes = {volume["name"] for volume in pod["spec"]["volumes"]}
    assert volumes == {mount["name"] for mount in mounts.values()}


def test_static_pod_is_confined_as_the_chart_confines(make):
    pod, _ = static_pod(make)
    [container] = pod["spec"]["containers"]
    [deployment] = [one for one in chart("Deployment") if one["metadata"]["name"] == "pratique"]
    theirs = deployment["spec"]["template"]["spec"]
    [other] = theirs["containers"]
    theirs["securityContext"].pop("fsGroup")  # does nothing for a hostPath
    assert pod["spec"]["securityContext"] == theirs["securityContext"]
    for member in ("terminationGracePeriodSeconds", "enableServiceLinks"):
        assert pod["spec"][member] == theirs[member]
    for member in ("securityContext", "resources"):
        assert container[member] == other[member]
    for name in ("startupProbe", "readinessProbe", "livenessProbe"):
        ours, want = ({"timeoutSeconds": 1, **one[name]} for one in (container, other))
        assert ours.pop("httpGet")["path"] == want.pop("httpGet")["path"]
        assert ours == want


def test_static_pod_configuration_is_taken(make, run):
    """`serve --check-config` with its files where the Pod would have them."""
    _, serve = static_pod(make, "--config-dir", "/x")
    for name in ("policies", "tls"):
        (run.folder / name).mkdir(exist_ok=True)
    assert serve["policies"] == ["/policies"]
    serve["policies"] = [str(run.folder / "policies")]
    serve["tls"] = {name: str(run.folder) + path for name, path in serve["tls"].items()}
    shutil.copy(run.folder / "policy.yaml", run.folder / "policies/policy.yaml")
    shutil.copy(run.folder / "ca.crt", run.folder / "tls/tls.crt")
    shutil.copy(run.folder / "ca.key", run.folder / "tls/tls.key")
    run.write("serve.yaml", yaml.safe_dump(serve))
    assert run("serve", "--config", "serve.yaml", "--check-config", code=0).out.endswith("are sound\n")


# -- files --

def test_out(make):
    result = make(PLUGIN, "--ca", "ca.crt", "--embed", "--client-certificate", "ca.crt", "--client-key", "ca.key",
                  "--out", "new")
    assert result.out.splitlines()[:4] == ["wrote new/admission-configuration.yaml", "wrote new/kubeconfig.yaml",
                                           "wrote new/serve.yaml", ""]
    assert "  --admission-control-config-file=/etc/kubernetes/pratique/admission-configuration.yaml\n" in result.out
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (make.folder / "new").iterdir()}
    assert modes == {"admission-configuration.yaml": 0o644, "kubeconfig.yaml": 0o600, "serve.yaml": 0o644}
    stream = documents(make(PLUGIN, "--ca", "ca.crt", "--embed", "--client-certificate", "ca.crt", "--client-key",
                            "ca.key").out)
    for name, value in stream.items():
        assert yaml.safe_load((make.folder / "new" / name).read_text()) == value


def test_out_is_where_the_api_server_finds_it(make):
    folder = str(make.folder / "here")
    make(PLUGIN, "--ca", "/pki/ca.crt", "--out", folder + "/")
    files = {"admission-configuration.yaml": yaml.safe_load((make.folder / "here/admission-configuration.yaml").read_text())}
    assert image_policy(files)["kubeConfigFile"] == folder + "/kubeconfig.yaml"
    make(PLUGIN, "--ca", "/pki/ca.crt", "--out", folder, "--host-dir", "/there", "--force")
    files = {"admission-configuration.yaml": yaml.safe_load((make.folder / "here/admission-configuration.yaml").read_text())}
    assert image_policy(files)["kubeConfigFile"] == "/there/kubeconfig.yaml"


def test_out_of_static_webhooks(make):
    make(WEBHOOKS, "--ca", "ca.crt", "--mutating", "--out", "new")
    for name in ("validating", "mutating"):
        assert [path.name for path in (make.folder / "new" / name).iterdir()] == ["pratique.yaml"]


def test_nothing_is_overwritten(make):
    (make.folder / "new").mkdir()
    (make.folder / "new/kubeconfig.yaml").write_text("mine")
    result = make(PLUGIN, "--ca", "/pki/ca.crt", "--out", "new", code=2)
    assert result.err == ("pratique manifests image-policy-webhook: new/kubeconfig.yaml exists; --force overwrites\n")
    assert result.out == "" and (make.folder / "new/kubeconfig.yaml").read_text() == "mine"
    assert [path.name for path in (make.folder / "new").iterdir()] == ["kubeconfig.yaml"]


def test_force_replaces_and_hides(make):
    """What others could read before is not written into: they may have it open."""
    (make.folder / "new").mkdir()
    old = make.folder / "new/kubeconfig.yaml"
    old.write_text("mine")
    old.chmod(0o666)
    elsewhere = make.folder / "elsewhere"
    elsewhere.write_text("not to be touched")
    (make.folder / "new/serve.yaml").symlink_to(elsewhere)
    with open(old) as reader:
        make(PLUGIN, "--ca", "ca.crt", "--embed", "--client-certificate", "ca.crt", "--client-key", "ca.key",
             "--out", "new", "--force")
        assert reader.read() == "mine"
    assert stat.S_IMODE(old.stat().st_mode) == 0o600 and old.read_text().startswith("apiVersion: v1\n")
    assert elsewhere.read_text() == "not to be touched" and not (make.folder / "new/serve.yaml").is_symlink()
    assert len(list((make.folder / "new").iterdir())) == 3


def test_a_dangling_link_is_not_followed(make):
    (make.folder / "new").mkdir()
    (make.folder / "new/kubeconfig.yaml").symlink_to(make.folder / "elsewhere")
    make(PLUGIN, "--ca", "/pki/ca.crt", "--out", "new", code=2)
    assert not (make.folder / "elsewhere").exists()


def test_what_cannot_be_written(make):
    (make.folder / "file").write_text("")
    result = make(POD, "--image", IMAGE, "--out", "file", code=3)
    assert result.err == "pratique manifests static-pod: file/pratique.yaml: cannot be written: Not a directory\n"
    result = make(POD, "--image", IMAGE, "--out", "no/such", code=3)
    assert result.err == "pratique manifests static-pod: no/such: cannot be made: No such file or directory\n"
    with open("/dev/full", "w") as full:
        code = subprocess.run([BINARY, "manifests", POD, "--image", IMAGE], stdout=full,
                              stderr=subprocess.DEVNULL).returncode
    assert code == 3


# -- what is refused --

@pytest.mark.parametrize("words, message", [
    ([PLUGIN], "--ca is missing: it names a PEM file"),
    ([PLUGIN, "--ca", "ca.crt"], '--ca "ca.crt": give its absolute path as kube-apiserver finds it, or put what is in '
     'it into the file with --embed'),
    ([PLUGIN, "--ca", "/a/../b"], '--ca: a path without "." and ".." is wanted'),
    ([PLUGIN, "--ca", "nothing", "--embed"], "nothing: cannot open: No such file or directory"),
    ([PLUGIN, "--ca", "ca.key", "--embed"], '--ca ca.key: it has a block "PRIVATE KEY"; nothing but certificates is '
     'wanted'),
    ([PLUGIN, "--ca", "ca.crt", "--embed", "--client-certificate", "ca.crt", "--client-key", "ca.crt"],
     '--client-key ca.crt: it has a block "CERTIFICATE"; one private key that is not encrypted is wanted'),
    ([PLUGIN, "--ca", "policy.yaml", "--embed"], "--ca policy.yaml: it is no PEM of certificates"),
    ([PLUGIN, "--ca", "/a", "--server", "http://x"], '--server "http://x": it must begin with https://, such as '
     'https://127.0.0.1:8443'),
    ([PLUGIN, "--ca", "/a", "--server", "https://x/validate"], '--server "https://x/validate": its path must end in '
     '/imagepolicy, or be left out'),
    ([PLUGIN, "--ca", "/a", "--allow-ttl", "0s"], '--allow-ttl "0s": it takes whole seconds, 1s to 30m, or off'),
    ([PLUGIN, "--ca", "/a", "--deny-ttl", "31m"], '--deny-ttl "31m": it takes whole seconds, 1s to 30m, or off'),
    ([PLUGIN, "--ca", "/a", "--retry-backoff", "6m"], '--retry-backoff "6m": it takes 1ms to 5m, or off'),
    ([PLUGIN, "--ca", "/a", "--client-certificate", "/a"], "--client-key is missing: it names a PEM file"),
    ([PLUGIN, "--ca", "/a", "--client-key", "/a"], "--client-key without --client-certificate means nothing"),
    ([PLUGIN, "--ca", "/a", "--client-name", "x"], "--client-name without --client-certificate means nothing"),
    ([PLUGIN, "--ca", "/a", "--host-dir", "x"], '--host-dir "x": it must be an absolute path, such as '
     '/etc/kubernetes/pratique'),
    ([PLUGIN, "--ca", "/a", "--host-dir", "/x\n- evil"], '--host-dir "/x?- evil": it has a character that is not text'),
    ([PLUGIN, "--ca", "/a", "--force"], "--force without --out means nothing"),
    ([WEBHOOKS], "--ca is missing: it names a PEM file"),
    ([WEBHOOKS, "--ca", "ca.crt", "--timeout", "31"], '--timeout "31": it takes a number from 1 to 30'),
    ([WEBHOOKS, "--ca", "ca.crt", "--failure-policy", "ignore"], '--failure-policy "ignore": it takes Fail or Ignore; '
     'did you mean "Ignore"?'),
    ([WEBHOOKS, "--ca", "ca.crt", "--server", "https://x/imagepolicy"], '--server "https://x/imagepolicy": its path '
     'must end in /validate, or be left out'),
    ([POD], "--image is missing: it names the image of pratique"),
    ([POD, "--image", "registry.example.com/pratique"], '--image "registry.example.com/pratique": give its digest, or '
     'at least a version tag: nodes would take whatever "latest" is then'),
    ([POD, "--image", IMAGE, "--name", "A"], '--name "A": it has 1 to 63 lower-case letters, digits and, between '
     'them, hyphens'),
    ([POD, "--image", IMAGE, "--port", "0"], '--port "0": it takes a number from 1 to 65535'),
    ([POD, "--image", IMAGE, "--user", "0"], '--user "0": it takes a number from 1 to 2147483647'),
    ([POD, "--image", IMAGE, "--port", "8080"], "--port and --health-port are the same"),
    ([POD, "--image", IMAGE, "--tls-dir", "tls"], '--tls-dir "tls": it must be an absolute path, such as '
     '/etc/kubernetes/pratique'),
])
def test_refused(make, words, message):
    result = make(*words, code=2)
    assert result.out == ""
    assert result.err.splitlines()[0] == f"pratique manifests {words[0]}: {message}"


def test_bad_image(make):
    result = make(POD, "--image", "UPPER/case/Bad:tag", code=2)
    assert result.err.startswith("pratique manifests static-pod: --image: ")


def test_large_certificate(make):
    text = (make.folder / "ca.crt").read_text()
    limit = 1 << 20
    (make.folder / "large").write_text(text + "\n" * (limit - len(text)))
    make(PLUGIN, "--ca", "large", "--embed", code=0)
    (make.folder / "large").write_text(text + "\n" * (limit - len(text) + 1))
    assert "large" in make(PLUGIN, "--ca", "large", "--embed", code=2).err


def test_unreadable(make):
    if os.getuid() != 0:
        (make.folder / "ca.crt").chmod(0)
        assert "Permission denied" in make(PLUGIN, "--ca", "ca.crt", "--embed", code=2).err
    assert "/: is a directory" in make(PLUGIN, "--ca", "/", "--embed", code=2).err


# -- the page --

def test_commands_of_the_page(make):
    """docs/image-policy-webhook.md: each command runs, in a folder of its own."""
    page = (ROOT / "docs/image-policy-webhook.md").read_text()
    commands = re.findall(r"^```sh\n(.*?)^```$", page, re.M | re.S)
    assert len(commands) == 3
    for command in commands:
        words = command.replace("\\\n", " ").replace("--out /", f"--out {make.folder}/").split()
        os.makedirs(make.folder / "etc/kubernetes", exist_ok=True)
        done = make(words[2], *words[3:], *(["--force"] if "etc" in command else []))
        assert done.out.startswith("wrote ")


def test_table_of_the_page(make):
    """The units and ranges that the page tells are those that are taken."""
    page = (ROOT / "docs/image-policy-webhook.md").read_text()
    rows = re.findall(r"^\| `(--[a-z-]+)` \| `(\w+)` \| (\w+) \| (\w+) to (\w+), off \|", page, re.M)
    assert [row[0] for row in rows] == ["--allow-ttl", "--deny-ttl", "--retry-backoff"]
    ns = {"ms": 1, "s": 1000, "m": 60000}
    for option, member, unit, least, most in rows:
        for text in (least, most):
            number, letter = re.fullmatch(r"(\d+)([a-z]+)", text).groups()
            want = int(number) * ns[letter] // {"seconds": 1000, "milliseconds": 1}[unit]
            assert image_policy(plugin(make, option, text))[member] == want

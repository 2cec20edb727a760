"""The image as it runs: read-only root, no privileges, nothing but what is inside."""
import http.server
import pathlib
import re
import ssl
import subprocess
import threading

import pytest

from container import ROOT, SECONDS, openssl, serving


def test_version(image, container):
    ran = container.run("--version")
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, f"pratique {image.version}\n", "")


def test_without_arguments_it_helps(image, container):
    ran = container.run(*image.pulled.config["config"]["Cmd"])
    assert ran.returncode == 0 and "usage: pratique COMMAND" in ran.stdout, ran


@pytest.mark.parametrize("image_name, code", [("registry.example.com/app:1.0", 0), ("evil.example.net/app:1.0", 1)])
def test_check_of_mounted_manifests(container, tmp_path, image_name, code):
    tmp_path.chmod(0o755)
    (tmp_path / "pod.yaml").write_text("apiVersion: v1\nkind: Pod\nmetadata: {name: web}\n"
                                       f"spec: {{containers: [{{name: app, image: {image_name}}}]}}\n")
    (tmp_path / "policy.yaml").write_text((ROOT / "examples/policy.yaml").read_text())
    ran = container.run("check", "--policy", "/workspace/policy.yaml", "/workspace/pod.yaml",
                        mounts={tmp_path: "/workspace"})
    assert ran.returncode == code, ran
    assert ("evil.example.net/app:1.0" in ran.stdout) == bool(code)


@pytest.mark.parametrize("shell", ["/bin/sh", "/bin/bash", "/usr/bin/env", "/bin/busybox", "/usr/bin/dpkg"])
def test_no_other_program(container, shell):
    ran = container.run(entrypoint=[shell])
    assert ran.returncode == 127 and "No such file or directory" in ran.stderr


def status_of(pid):
    lines = pathlib.Path(f"/proc/{pid}/status").read_text().splitlines()
    return {name: value.split() for name, _, value in (line.partition(":") for line in lines)}


def test_serves_over_https_without_privileges(container, tmp_path):
    with serving(container, tmp_path / "etc") as server:
        assert server.ask("1-allowed-pod.json")["allowed"] is True
        denied = server.ask("2-denied-pod.json")
        assert denied["allowed"] is False and denied["status"]["message"]

        status = status_of(server.process.pid)
        assert status["Uid"] == ["65532"] * 4 and status["Gid"] == ["65532"] * 4 and status["Groups"] == []
        assert int(status["CapEff"][0], 16) == int(status["CapPrm"][0], 16) == 0
        assert status["NoNewPrivs"] == ["1"]
        mounts = pathlib.Path(f"/proc/{server.process.pid}/mountinfo").read_text().splitlines()
        root = [line.split() for line in mounts if line.split()[4] == "/"]
        assert root and all("ro" in line[5].split(",") for line in root), mounts

        code, log = server.stop()
        assert code == 0, log


def missed_libraries(root, log):
    """What the program's loader looked for and the image has not. The log is that of all programs which led to it."""
    dynamic = subprocess.run(["readelf", "-dW", root / "usr/bin/pratique"], capture_output=True, text=True).stdout
    first = re.search(r"\(NEEDED\).*\[(.+)\]", dynamic).group(1)
    wanted = set(re.findall(r"find library=(\S+) ", log[log.rindex(f"find library={first} "):]))
    assert "libc.so.6" in wanted
    return [name for name in wanted if not list(root.glob(f"usr/lib/*/{name}"))]


def test_no_library_is_missed_while_it_serves(image, container, tmp_path):
    """What is opened at run time (dlopen) is not in the list that the image was made from; the loader tells it."""
    with serving(container, tmp_path / "etc", environment={"LD_DEBUG": "libs"}) as server:
        server.ask("2-denied-pod.json")
        code, log = server.stop()
    assert code == 0
    assert missed_libraries(image.root, log) == []


MANAGED = """\
apiVersion: pratique.dev/v1alpha1
kind: ServerConfiguration
listen: {address: 127.0.0.1, port: 0}
tls: {managed: {secret: tls, service: pratique, namespace: ns}}
kubernetes: {kubeconfig: kubeconfig}
policies: [policy.yaml]
log: {format: json}
drain: {delay: 0s}
"""

KUBECONFIG = """\
apiVersion: v1
kind: Config
current-context: it
contexts: [{{name: it, context: {{cluster: it, user: it}}}}]
users: [{{name: it, user: {{token: secret}}}}]
clusters: [{{name: it, cluster: {{server: "https://api.cluster.test:{port}", certificate-authority: ca.crt}}}}]
"""


class ApiServer(http.server.ThreadingHTTPServer):
    """Answers nothing of use; it is there to be reached. `reached` is set then."""
    daemon_threads = True

    def __init__(self, folder):
        self.reached = threading.Event()
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=api", "-addext", "subjectAltName=DNS:api.cluster.test",
                "-keyout", folder / "ca.key", "-out", folder / "ca.crt")
        super().__init__(("127.0.0.1", 0), Refuses)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "ca.crt", folder / "ca.key")
        self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()


class Refuses(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        assert self.headers["Authorization"] == "Bearer secret"
        self.server.reached.set()
        self.send_error(403)

    do_POST = do_GET

    def log_message(self, *arguments):
        pass


def test_it_reaches_an_api_server_by_name(image, container, tmp_path):
    """libcurl, OpenSSL and the resolver, and what they open at run time, over a connection that is verified."""
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o755)
    (tmp_path / "hosts").write_text("127.0.0.1 api.cluster.test\n")
    (tmp_path / "hosts").chmod(0o644)
    with ApiServer(folder) as api:
        (folder / "kubeconfig").write_text(KUBECONFIG.format(port=api.server_address[1]))
        (folder / "serve.yaml").write_text(MANAGED)
        (folder / "policy.yaml").write_text((ROOT / "examples/policy.yaml").read_text())
        process = container.start("serve", "--config", "/etc/pratique/serve.yaml", environment={"LD_DEBUG": "libs"},
                                  mounts={folder: "/etc/pratique", tmp_path / "hosts": "/etc/hosts"})
        reached = api.reached.wait(SECONDS)
        process.terminate()
        log = process.communicate(timeout=SECONDS)[1]
        api.shutdown()
    assert reached, log
    assert missed_libraries(image.root, log) == []


def test_a_name_of_the_user_is_known(image):
    uid = image.pulled.config["config"]["User"].split(":")[0]
    assert any(line.split(":")[2] == uid for line in (image.root / "etc/passwd").read_text().splitlines())

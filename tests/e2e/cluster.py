"""A Kubernetes cluster on one machine, without nodes: real etcd, kube-apiserver, kube-controller-manager and
kubectl, in the network namespace that `scripts/e2e` makes. Each cluster has addresses of its own, 10.77.N.0/24:
.1 is the API server's, .11 and up are for replicas of pratique, .100 and up for Pods (see kubelet.py)."""
import base64
import json
import os
import pathlib
import ssl
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests/integration"))

from pratique_server import Authority, Server, openssl, wait_until  # noqa: E402

VERSION = os.environ.get("PRATIQUE_E2E_VERSION", "1.37")
ISSUER = "https://kubernetes.default.svc"
DEADLINE = 120  # seconds for what takes a few on an idle machine

# token, user, uid, groups: kube-apiserver's --token-auth-file
USERS = """\
admin-token,admin,1,system:masters
alice-token,alice,2,developers
"""

AUDIT_POLICY = """\
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
  - level: None
    users: ["system:apiserver", "system:kube-controller-manager"]
    verbs: [get, list, watch]
  - {level: Metadata}
"""


def part(name):
    """The folder with the programs of a real part, built before by `scripts/e2e`."""
    made = subprocess.run([ROOT / "scripts/parts", name], check=True, stdout=subprocess.PIPE, text=True)
    return pathlib.Path(made.stdout.strip())


def b64(path):
    return base64.b64encode(pathlib.Path(path).read_bytes()).decode()


class Failure(Exception):
    """An answer of the API server that is not 2xx; `status` is its Status object."""

    def __init__(self, code, status):
        super().__init__(f"{code}: {status.get('message', status)}")
        self.code, self.status = code, status


class Cluster:
    count = 0

    def __init__(self, folder, version=VERSION, api_server=(), admission_plugins=(), feature_gates=""):
        """`api_server`: more flags; `admission_plugins`: names to enable beside the default ones."""
        Cluster.count += 1
        self.number, self.folder, self.version = Cluster.count, pathlib.Path(folder), version
        self.network = f"10.77.{self.number}"
        self.address = self.network + ".1"
        self.url = f"https://{self.address}:6443"
        self.flags = list(api_server)
        if admission_plugins:
            self.flags.append("--enable-admission-plugins=" + ",".join(admission_plugins))
        gates = [feature_gates] if feature_gates else []
        if tuple(map(int, version.split("."))) < (1, 35):
            gates.append("ImageVolume=true")  # on by default from 1.35
        if gates:
            self.flags.append("--feature-gates=" + ",".join(gates))
        self.processes = {}
        self.programs = part("kubernetes-" + version)
        self.made_namespaces = 0

    # -- life --

    def start(self):
        self.folder.mkdir(parents=True, exist_ok=True)
        self.add_address(self.address)
        self._certificates()
        (self.folder / "tokens.csv").write_text(USERS)
        (self.folder / "audit-policy.yaml").write_text(AUDIT_POLICY)
        self.kubeconfig("admin")
        self._run("etcd", part("etcd") / "server", *self._etcd_flags())
        self.start_api_server()
        self._run("kube-controller-manager", self.programs / "kube-controller-manager",
                  "--kubeconfig", self.folder / "admin.kubeconfig", "--leader-elect=false",
                  "--service-account-private-key-file", self.folder / "sa.key",
                  "--root-ca-file", self.ca, "--use-service-account-credentials=true",
                  "--bind-address", self.address,
                  # No node reports to it, and Pods must not be evicted for that.
                  "--controllers=*,-node-lifecycle-controller,-node-ipam-controller")
        wait_until(lambda: self.exists("/api/v1/namespaces/default/serviceaccounts/default"),
                   "the service account of the default namespace", DEADLINE)
        return self

    def start_api_server(self):
        self._run("kube-apiserver", self.programs / "kube-apiserver", *self._api_server_flags())
        wait_until(self._api_server_ready, "kube-apiserver ready", DEADLINE)

    def stop_api_server(self):
        process = self.processes.pop("kube-apiserver")
        process.terminate()
        process.wait(timeout=DEADLINE)

    def stop(self):
        for process in reversed(list(self.processes.values())):
            process.kill()
            process.wait()
        self.processes.clear()

    def log(self, name):
        return (self.folder / (name + ".log")).read_text(errors="replace")

    def add_address(self, address):
        subprocess.run(["ip", "address", "replace", address + "/32", "dev", "lo"], check=True)
        return address

    def _certificates(self):
        authority = Authority(self.folder, "kubernetes-ca")
        self.authority, self.ca = authority, authority.certificate
        key, request, extensions = (self.folder / name for name in ("api.key", "api.csr", "api.ext"))
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key)
        openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.folder / "sa.key")
        openssl("req", "-new", "-key", key, "-subj", "/CN=kube-apiserver", "-out", request)
        extensions.write_text("extendedKeyUsage=serverAuth\n"
                              f"subjectAltName=IP:{self.address},IP:10.96.0.1,DNS:kubernetes.default.svc\n")
        openssl("x509", "-req", "-in", request, "-CA", self.ca, "-CAkey", authority.key, "-CAcreateserial",
                "-days", "2", "-extfile", extensions, "-out", self.folder / "api.crt")

    def _etcd_flags(self):
        client, peer = f"http://{self.address}:2379", f"http://{self.address}:2380"
        return ("--data-dir", self.folder / "etcd", "--unsafe-no-fsync", "--listen-client-urls", client,
                "--advertise-client-urls", client, "--listen-peer-urls", peer,
                "--initial-advertise-peer-urls", peer, "--initial-cluster", "default=" + peer)

    def _api_server_flags(self):
        return ("--etcd-servers", f"http://{self.address}:2379", "--advertise-address", self.address,
                "--bind-address", self.address, "--secure-port", "6443",
                "--tls-cert-file", self.folder / "api.crt", "--tls-private-key-file", self.folder / "api.key",
                "--client-ca-file", self.ca, "--token-auth-file", self.folder / "tokens.csv",
                "--authorization-mode", "RBAC", "--allow-privileged=true",
                "--service-account-issuer", ISSUER, "--service-account-key-file", self.folder / "sa.key",
                "--service-account-signing-key-file", self.folder / "sa.key",
                "--service-cluster-ip-range", "10.96.0.0/24", "--enable-aggregator-routing=true",
                "--audit-policy-file", self.folder / "audit-policy.yaml",
                "--audit-log-path", self.folder / "audit.log", "--audit-log-mode", "blocking",
                *self.flags)

    def _run(self, name, *command):
        with open(self.folder / (name + ".log"), "ab") as log:
            self.processes[name] = subprocess.Popen([*map(str, command)], stdout=log, stderr=log,
                                                    cwd=self.folder)

    def _api_server_ready(self):
        for name, process in self.processes.items():
            assert process.poll() is None, f"{name} ended:\n{self.log(name)[-4000:]}"
        try:
            return self.request("GET", "/readyz") == b"ok"
        except (OSError, Failure):
            return False

    # -- asking --

    def kubeconfig(self, user):
        """Write USER.kubeconfig for a user of USERS, and return its path."""
        path = self.folder / (user + ".kubeconfig")
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": {"server": self.url, "certificate-authority-data": b64(self.ca)}}],
            "users": [{"name": user, "user": {"token": user + "-token"}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": user}}]}))
        return path

    def kubectl(self, *arguments, input=None, user="admin", namespace=None, check=True, timeout=DEADLINE):
        """Run kubectl; the answer has .returncode, .stdout and .stderr. `input`: text, or an object or
        a list of objects for `-f -`."""
        if input is not None and not isinstance(input, str):
            input = json.dumps(input if isinstance(input, dict) else
                               {"apiVersion": "v1", "kind": "List", "items": input})
        command = [self.programs / "kubectl", "--kubeconfig", self.kubeconfig(user)]
        if namespace:
            command += ["--namespace", namespace]
        ran = subprocess.run([*map(str, [*command, *arguments])], input=input, capture_output=True,
                             text=True, timeout=timeout,
                             env={**os.environ, "HOME": str(self.folder), "KUBECACHEDIR": str(self.folder / "cache")})
        assert not check or ran.returncode == 0, f"kubectl {arguments}: {ran.stdout}{ran.stderr}"
        return ran

    def helm(self, *arguments, input=None, check=True):
        """Run helm; the answer is as that of kubectl()."""
        ran = subprocess.run([*map(str, [part("helm") / "helm", *arguments, "--kubeconfig", self.kubeconfig("admin")])],
                             input=input, capture_output=True, text=True, timeout=DEADLINE * 2,
                             env={**os.environ, "HOME": str(self.folder)})
        assert not check or ran.returncode == 0, ran.stdout + ran.stderr
        return ran

    def request(self, method, path, body=None, content_type="application/json", token="admin-token"):
        """One request, as bytes; raises Failure for an answer that is not 2xx."""
        request = urllib.request.Request(self.url + path, method=method, headers={
            "Authorization": "Bearer " + token, "Content-Type": content_type, "Accept": "application/json, */*"},
            data=None if body is None else json.dumps(body).encode())
        context = ssl.create_default_context(cafile=self.ca)
        try:
            with urllib.request.urlopen(request, context=context, timeout=DEADLINE) as answer:
                return answer.read()
        except urllib.error.HTTPError as error:
            text = error.read()
            try:
                status = json.loads(text)
            except ValueError:
                status = {"message": text.decode(errors="replace")}
            raise Failure(error.code, status) from None

    def api(self, method, path, body=None, **options):
        """One request; the answer's object."""
        return json.loads(self.request(method, path, body, **options))

    def exists(self, path):
        try:
            return self.api("GET", path)
        except Failure as failure:
            if failure.code == 404:
                return None
            raise

    def create(self, path, body, **options):
        return self.api("POST", path, body, **options)

    def namespace(self, name=None, labels=None):
        """Make a namespace in which Pods can be created; returns its name."""
        self.made_namespaces += 1
        name = name or f"test-{self.made_namespaces}"
        self.create("/api/v1/namespaces", {"apiVersion": "v1", "kind": "Namespace",
                                           "metadata": {"name": name, "labels": labels or {}}})
        wait_until(lambda: self.exists(f"/api/v1/namespaces/{name}/serviceaccounts/default"),
                   "the default service account", DEADLINE)
        return name

    def metrics(self, prefix):
        """The series of the API server whose names begin with prefix: text to value."""
        lines = self.request("GET", "/metrics").decode().splitlines()
        return {line.rsplit(" ", 1)[0]: float(line.rsplit(" ", 1)[1])
                for line in lines if line.startswith(prefix)}

    def audit(self):
        """The API server's audit events so far."""
        return [json.loads(line) for line in self.log("audit").splitlines() if line.endswith("}")]

    # -- pratique behind a Service --

    def service(self, name, namespace, addresses, target_port=8443):
        """A Service without selector, and the endpoints that it leads to."""
        self.kubectl("apply", "--server-side", "-f", "-", input=[
            {"apiVersion": "v1", "kind": "Service", "metadata": {"name": name, "namespace": namespace},
             "spec": {"ports": [{"name": "https", "port": 443, "targetPort": target_port}]}},
            self._slice(name, namespace, addresses, target_port)])

    def endpoints(self, name, namespace, addresses, target_port=8443):
        """Other endpoints for the Service."""
        self.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-",
                     input=self._slice(name, namespace, addresses, target_port))

    def _slice(self, name, namespace, addresses, port):
        return {"apiVersion": "discovery.k8s.io/v1", "kind": "EndpointSlice", "addressType": "IPv4",
                "metadata": {"name": name + "-static", "namespace": namespace,
                             "labels": {"kubernetes.io/service-name": name}},
                "endpoints": [{"addresses": [one], "conditions": {"ready": True}} for one in addresses],
                "ports": [{"name": "https", "port": port, "protocol": "TCP"}]}


class Replica(Server):
    """`pratique serve` on an address of the cluster's network, with the article's service name."""

    def __init__(self, cluster, host, folder, certificate=None, **settings):
        self.cluster = cluster
        folder.mkdir(parents=True, exist_ok=True)
        if certificate:
            for source, name in zip(certificate, ("tls.crt", "tls.key")):
                (folder / name).write_bytes(pathlib.Path(source).read_bytes())
        address = cluster.add_address(f"{cluster.network}.{host}")
        super().__init__(folder, address=address, listen={"address": address, "port": 8443},
                         plain={"address": address, "port": 8080}, **settings)


def serving_certificate(cluster, service, namespace):
    """Paths of a certificate for the Service, its key, and the authority that signed it."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="serving-", dir=cluster.folder))
    authority = Authority(folder, "webhook-ca")
    certificate, key = authority.sign(service, usage="serverAuth", dns=f"{service}.{namespace}.svc")
    return certificate, key, authority.certificate

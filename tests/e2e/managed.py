"""Three replicas that make and rotate their certificate themselves, with the least rights that need it, and people
who create Pods meanwhile."""
import base64
import contextlib
import json
import ssl
import subprocess

from cluster import DEADLINE, Failure, Replica, wait_until
from load import Creates
from pratique_server import DENIED, ALLOWED

NAMESPACE, NAME = "pratique-system", "pratique"
HOST = f"{NAME}.{NAMESPACE}.svc"
SECRET = f"/api/v1/namespaces/{NAMESPACE}/secrets/pratique-tls"
LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases/pratique-tls"
REGISTRATIONS = "/apis/admissionregistration.k8s.io/v1/"
VALIDATING = REGISTRATIONS + "validatingwebhookconfigurations/pratique"
MUTATING = REGISTRATIONS + "mutatingwebhookconfigurations/pratique-late"
WEBHOOK_NAMES = ["pratique", "pratique-late"]


def role(kind, rules):
    metadata = {"name": "pratique-certificates"} | ({} if kind.startswith("Cluster") else {"namespace": NAMESPACE})
    api = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    return [{**api, "kind": kind, "metadata": metadata, "rules": rules},
            {**api, "kind": kind + "Binding", "metadata": metadata,
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": metadata["name"]},
             "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}]}]


def rights():
    """What docs/operations.md says is needed, and nothing else."""
    def rule(group, resource, verbs, names=()):
        return {"apiGroups": [group], "resources": resource, "verbs": verbs,
                **({"resourceNames": list(names)} if names else {})}
    return [
        *role("Role", [
            rule("", ["secrets"], ["create"]), rule("", ["secrets"], ["get", "update"], ["pratique-tls"]),
            rule("coordination.k8s.io", ["leases"], ["create"]),
            rule("coordination.k8s.io", ["leases"], ["get", "update"], ["pratique-tls"])]),
        *role("ClusterRole", [
            rule("admissionregistration.k8s.io",
                 ["validatingwebhookconfigurations", "mutatingwebhookconfigurations"], ["get", "patch"],
                 WEBHOOK_NAMES)])]


def registration(kind, name, path):
    """A webhook without a caBundle, as a chart registers it."""
    return {"apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name},
            "webhooks": [{
                "name": f"{which}.pratique.dev", "admissionReviewVersions": ["v1"], "sideEffects": "None",
                "failurePolicy": "Fail", "timeoutSeconds": 10,
                "namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "shop"}},
                "clientConfig": {"service": {"name": NAME, "namespace": NAMESPACE, "path": path, "port": 443}},
                "rules": [{"apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"],
                           "operations": [operation]}]}
                for which, operation in (("creates", "CREATE"), ("updates", "UPDATE"))]}


def certificates(pem):
    """The certificates of a PEM text, each by itself."""
    end = "-----END CERTIFICATE-----\n"
    return [one + end for one in pem.decode().split(end)[:-1]]


def verifies(folder, bundle, leaf):
    """Whether the command line of OpenSSL believes that `leaf` is the webhook's, by the authorities of `bundle`."""
    (folder / "verify-ca.pem").write_bytes(bundle)
    (folder / "verify-leaf.pem").write_text(leaf)
    ran = subprocess.run(["openssl", "verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", HOST,
                          "-no-CApath", "-CAfile", folder / "verify-ca.pem", folder / "verify-leaf.pem"],
                         capture_output=True, text=True, check=False)
    return ran.returncode == 0


class ManagedReplica(Replica):
    def __init__(self, cluster, host, folder, kubeconfig, times):
        super().__init__(cluster, host, folder)
        self.configuration["tls"] = {"managed": {
            "secret": "pratique-tls", "service": NAME, "namespace": NAMESPACE, "webhooks": WEBHOOK_NAMES, **times}}
        self.configuration["kubernetes"] = {"kubeconfig": str(kubeconfig)}

    def start(self):
        self.launch()
        wait_until(lambda: self.event("started") or self.process.poll() is not None, "the start", DEADLINE)
        assert self.process.poll() is None, self.log()
        self.port, self.plain_port = 8443, 8080
        return self

    def ready(self):
        try:
            return self.get_plain("/readyz").status == 200
        except OSError:
            return False

    def leaf(self):
        """The certificate that a new connection sees, in PEM; None: there is none."""
        context = ssl._create_unverified_context()
        try:
            with contextlib.closing(self.tcp()) as tcp, context.wrap_socket(tcp) as sock:
                return ssl.DER_cert_to_PEM_cert(sock.getpeercert(binary_form=True))
        except OSError:
            return None

    def leads(self):
        return self.metric("pratique_certificate_leader") == 1


class Replicas:
    """Three of them, and what they work on."""

    def __init__(self, cluster, folder, **times):
        self.cluster, self.folder = cluster, folder
        cluster.namespace(NAMESPACE)
        cluster.namespace("shop")
        cluster.kubectl("apply", "--server-side", "-f", "-", input=[
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAMESPACE}},
            *rights()])
        self.token = cluster.create(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{NAME}/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})["status"]["token"]
        self.all = [ManagedReplica(cluster, host, folder / f"replica-{host}", self.kubeconfig(), times)
                    for host in (11, 12, 13)]
        cluster.service(NAME, NAMESPACE, [one.address for one in self.all])

    def kubeconfig(self):
        (self.folder / "token").write_text(self.token)
        path = self.folder / "service-account.kubeconfig"
        path.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": {"server": self.cluster.url,
                                                    "certificate-authority": str(self.cluster.ca)}}],
            "users": [{"name": NAME, "user": {"tokenFile": "token"}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": NAME, "namespace": NAMESPACE}}]}))
        return path

    def start(self):
        for one in self.all:
            one.start()
        wait_until(lambda: all(one.ready() for one in self.all), "three ready replicas", DEADLINE)

    def stop(self):
        for one in self.all:
            if one.process and one.process.poll() is None:
                one.stop()

    def running(self):
        return [one for one in self.all if one.process.poll() is None]

    def leader(self):
        return wait_until(lambda: next((one for one in self.running() if one.leads()), None), "a leader", DEADLINE)

    def log(self):
        return "".join(one.log() for one in self.all)

    # what is in the cluster

    def secret(self):
        """The Secret's entries, decoded; None: there is none."""
        found = self.cluster.exists(SECRET)
        return found and {key: base64.b64decode(value) for key, value in found.get("data", {}).items()}

    def change_secret(self, entries):
        """`entries`: bytes by their names; None takes one away."""
        data = {name: value and base64.b64encode(value).decode() for name, value in entries.items()}
        self.cluster.api("PATCH", SECRET, {"data": data}, content_type="application/merge-patch+json")

    def authorities(self):
        return certificates((self.secret() or {}).get("ca.crt", b""))

    def bundles(self, path=VALIDATING):
        return [base64.b64decode(one["clientConfig"].get("caBundle", ""))
                for one in self.cluster.api("GET", path)["webhooks"]]

    def route(self, but=None):
        """Lead the Service to all replicas but one."""
        self.cluster.endpoints(NAME, NAMESPACE, [one.address for one in self.all if one is not but])

    def settled(self):
        """Nothing is on its way: one authority, everywhere, and its certificate everywhere."""
        secret = self.secret() or {}
        return (set(secret) == {"tls.crt", "tls.key", "ca.crt", "ca.key"} and
                len(certificates(secret["ca.crt"])) == 1 and
                all(bundle == secret["ca.crt"] for bundle in self.bundles()) and
                {one.leaf() for one in self.running()} == {secret["tls.crt"].decode()} and
                verifies(self.folder, secret["ca.crt"], secret["tls.crt"].decode()))

    def empty_bundles(self, path=VALIDATING):
        """As an upgrade does whose templates know nothing of the caBundle."""
        count = len(self.cluster.api("GET", path)["webhooks"])
        self.cluster.api("PATCH", path, [{"op": "remove", "path": f"/webhooks/{n}/clientConfig/caBundle"}
                                         for n in range(count)], content_type="application/json-patch+json")

    def create(self, image, name):
        try:
            self.cluster.create("/api/v1/namespaces/shop/pods?dryRun=All", {
                "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name},
                "spec": {"containers": [{"name": "app", "image": image}]}})
            return "allowed"
        except Failure as failure:
            return "denied" if "denied the request" in str(failure) else str(failure)

    def judged(self):
        """Whether reviews are answered as the policy says."""
        return (self.create(ALLOWED, "probe"), self.create(DENIED, "probe")) == ("allowed", "denied")

    def creates(self):
        """People who create Pods, a few each second, half of them allowed."""
        return Creates(self.cluster, "shop", ALLOWED, DENIED, threads=1, most=100000, pause=0.03, dry_run=True)

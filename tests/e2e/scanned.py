"""Replicas that judge what runs already, with the rights that docs/reports.md names, and the reports that they write."""
import json
import pathlib

import yaml

from cluster import DEADLINE, Failure, Replica, wait_until
from objects import path

NAMESPACE, NAME = "pratique-system", "pratique"
DEFINITIONS = pathlib.Path(__file__).parent / "report-crds/reports.yaml"
KINDS = {"policyreports": "/apis/wgpolicyk8s.io/v1alpha2", "reports": "/apis/openreports.io/v1alpha1"}
FORMATS = {"policyreports": "wgpolicyk8s", "reports": "openreports"}
LEASE = f"/apis/coordination.k8s.io/v1/namespaces/{NAMESPACE}/leases/pratique-leader"


def bind(kind, rules):
    """A role with these rules, and its binding to the replicas' service account."""
    metadata = {"name": "pratique-scan"} | ({} if kind.startswith("Cluster") else {"namespace": NAMESPACE})
    api = {"apiVersion": "rbac.authorization.k8s.io/v1"}
    return [{**api, "kind": kind, "metadata": metadata, "rules": rules},
            {**api, "kind": kind + "Binding", "metadata": metadata,
             "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": metadata["name"]},
             "subjects": [{"kind": "ServiceAccount", "name": NAME, "namespace": NAMESPACE}]}]


def rights(groups=("wgpolicyk8s.io", "openreports.io")):
    """What docs/reports.md says is needed, and nothing else; `groups`: those whose reports may be written."""
    return [
        *bind("Role", [
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "verbs": ["create"]},
            {"apiGroups": ["coordination.k8s.io"], "resources": ["leases"], "resourceNames": ["pratique-leader"],
             "verbs": ["get", "update"]}]),
        *bind("ClusterRole", [
            {"apiGroups": [""], "resources": ["pods", "replicationcontrollers"], "verbs": ["list"]},
            {"apiGroups": ["apps"], "resources": ["deployments", "statefulsets", "daemonsets", "replicasets"],
             "verbs": ["list"]},
            {"apiGroups": ["batch"], "resources": ["jobs", "cronjobs"], "verbs": ["list"]},
            {"apiGroups": ["example.com"], "resources": ["ships"], "verbs": ["list"]},
            *({"apiGroups": [group], "resources": ["policyreports", "reports"],
               "verbs": ["list", "create", "update", "delete"]} for group in groups)])]


def define(cluster):
    """Install the definitions of reports, and wait until they are served."""
    for definition in yaml.safe_load_all(DEFINITIONS.read_text()):
        cluster.kubectl("apply", "--server-side", "-f", "-", input=definition)
        cluster.kubectl("wait", "--for=condition=Established", "crd/" + definition["metadata"]["name"])
    for plural, group in KINDS.items():
        wait_until(lambda: served(cluster, f"{group}/{plural}"), plural, DEADLINE)


def served(cluster, where):
    """Whether the API server lists what is there; just after it was defined it asks for patience."""
    try:
        return cluster.exists(where) is not None
    except Failure as failure:
        assert failure.code == 429, failure
        return False


def forget(cluster):
    cluster.kubectl("delete", "--ignore-not-found", "-f", DEFINITIONS)


class Scanners:
    """Replicas, started one by one, with one folder of policies each that is written alike."""

    def __init__(self, cluster, folder, count=1, **reports):
        self.cluster, self.folder = cluster, folder
        if not cluster.exists("/api/v1/namespaces/" + NAMESPACE):
            cluster.namespace(NAMESPACE)
        cluster.kubectl("apply", "--server-side", "-f", "-", input=[
            {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": NAME, "namespace": NAMESPACE}},
            *rights()])
        token = cluster.create(f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/{NAME}/token", {
            "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {}})["status"]["token"]
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "token").write_text(token)
        kubeconfig = folder / "service-account.kubeconfig"
        kubeconfig.write_text(json.dumps({
            "apiVersion": "v1", "kind": "Config", "current-context": "it",
            "clusters": [{"name": "it", "cluster": {"server": cluster.url, "certificate-authority": str(cluster.ca)}}],
            "users": [{"name": NAME, "user": {"tokenFile": "token"}}],
            "contexts": [{"name": "it", "context": {"cluster": "it", "user": NAME, "namespace": NAMESPACE}}]}))
        reports = {"format": list(FORMATS.values()), "interval": "1h", **reports}
        self.all = [Replica(cluster, 20 + i, folder / f"scanner-{i}",
                            kubernetes={"kubeconfig": str(kubeconfig), "reports": reports}) for i in range(count)]

    def policies(self, text):
        self.text = text
        for one in self.all:
            one.write_policy(text)

    def start(self):
        for one in self.all:
            one.start()
        return self

    def stop(self):
        for one in self.all:
            if one.process and one.process.poll() is None:
                one.stop()

    def running(self):
        return [one for one in self.all if one.process and one.process.poll() is None]

    def leader(self):
        return wait_until(lambda: next((one for one in self.running() if one.metric("pratique_leader") == 1), None),
                          "a leader", DEADLINE)

    def ends(self):
        """The lines of the log about scans that have ended, of all replicas."""
        return [event for one in self.all if one.process for event in one.events("what runs already is judged")]

    def scanned(self, more_than=0):
        """Wait for one more complete scan than that many; its line of the log."""
        def done():
            ends = [event for event in self.ends() if event["result"] == "complete"]
            return ends[-1] if len(ends) > more_than else None
        return wait_until(done, f"{more_than + 1} complete scans", DEADLINE)

    def count(self):
        return len([event for event in self.ends() if event["result"] == "complete"])

    def again(self, policies):
        """Give all other policies, and wait for the scan that they cause; its line of the log."""
        if policies == self.text:
            return self.scanned()
        before = self.scanned()["policyHash"]
        self.policies(policies)

        def other():
            assert not any(one.events("policies are wrong") for one in self.all if one.process), self.all[0].log()
            return self.scanned()["policyHash"] != before
        wait_until(other, "a scan by other policies", DEADLINE)
        return self.scanned()


def reports(cluster, plural, namespace):
    """The reports of a namespace, by kind and name of the object that they are about."""
    found = cluster.api("GET", f"{KINDS[plural]}/namespaces/{namespace}/{plural}")["items"]
    return {(one["scope"]["kind"], one["scope"]["name"]): one for one in found}


def uid_of(cluster, namespace, plural, name):
    return cluster.api("GET", path(namespace, plural, name))["metadata"]["uid"]

"""Registers pratique with a cluster as an administrator would do it by hand, for tests that run replicas of their
own behind a Service without selector. What the chart registers is tested with the chart (test_chart.py)."""
from cluster import Replica, b64, serving_certificate, wait_until

NAME, NAMESPACE = "pratique", "pratique-system"

RULES = [
    ("", "v1", ["pods", "pods/ephemeralcontainers", "replicationcontrollers", "podtemplates"]),
    ("apps", "v1", ["deployments", "replicasets", "statefulsets", "daemonsets"]),
    ("batch", "v1", ["jobs", "cronjobs"]),
]


def webhook(ca, path="/validate", failure_policy="Fail", rules=RULES, timeout=10, **more):
    return {"name": "images.pratique.dev", "failurePolicy": failure_policy, "sideEffects": "None",
            "admissionReviewVersions": ["v1"], "matchPolicy": "Equivalent", "timeoutSeconds": timeout,
            "clientConfig": {"service": {"name": NAME, "namespace": NAMESPACE, "path": path}, "caBundle": b64(ca)},
            "rules": [{"operations": ["CREATE", "UPDATE"], "apiGroups": [group], "apiVersions": [version],
                       "resources": resources} for group, version, resources in rules],
            **more}


def register(cluster, webhooks, kind="ValidatingWebhookConfiguration", name=NAME):
    cluster.kubectl("apply", "--server-side", "--force-conflicts", "-f", "-", input={
        "apiVersion": "admissionregistration.k8s.io/v1", "kind": kind, "metadata": {"name": name},
        "webhooks": webhooks})


def unregister(cluster, kind="ValidatingWebhookConfiguration", name=NAME):
    cluster.kubectl("delete", kind, name, "--ignore-not-found")


class Replicas:
    """Replicas of pratique behind the Service pratique.pratique-system, registered for all workloads."""

    def __init__(self, cluster, folder, count=3, policy=None, mutating=False, **settings):
        self.cluster = cluster
        if not cluster.exists("/api/v1/namespaces/" + NAMESPACE):
            cluster.namespace(NAMESPACE)
        certificate, key, self.ca = serving_certificate(cluster, NAME, NAMESPACE)
        self.all = [Replica(cluster, 11 + n, folder / f"replica-{n}", (certificate, key), **settings)
                    for n in range(count)]
        for replica in self.all:
            if policy:
                replica.write_policy(policy)
            replica.start()
        cluster.service(NAME, NAMESPACE, [replica.address for replica in self.all])
        register(cluster, [webhook(self.ca)])
        if mutating:
            register(cluster, [webhook(self.ca, "/mutate")], "MutatingWebhookConfiguration")
        self._wait()

    def _wait(self):
        """Until the API server asks: a Pod that no policy allows is denied."""
        pod = {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "probe", "namespace": "default"},
               "spec": {"containers": [{"name": "probe", "image": "not-allowed.example.net/probe:1"}]}}

        def denied():
            ran = self.cluster.kubectl("create", "--dry-run=server", "-f", "-", input=pod, check=False)
            return "denied the request" in ran.stderr
        wait_until(denied, "the webhook asked")

    def stop(self):
        unregister(self.cluster)
        unregister(self.cluster, "MutatingWebhookConfiguration")
        for replica in self.all:
            replica.stop()

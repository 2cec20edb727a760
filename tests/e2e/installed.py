"""The product installed by its chart, as `docs/install.md` says, with its Pods run by kubelet.py."""
import http.client
import json
import ssl

from cluster import DEADLINE, ROOT, wait_until
from kubelet import Kubelet
from pratique_server import BINARY, ask, review

NAMESPACE, NAME = "pratique-system", "pratique"

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: baseline}
spec:
  rules:
    - name: trusted-registries
      allow: [registry.example.com, registry.k8s.io]
"""


class Installed:
    def __init__(self, cluster, values=None, wait=True):
        self.cluster = cluster
        self.values = {"policies": {"baseline.yaml": POLICY}, **(values or {})}
        self.kubelet = Kubelet(cluster, BINARY, [NAMESPACE]).start()
        self.helm("install", NAME, ROOT / "deploy/chart", "--create-namespace", "--values", "-",
                  input=json.dumps(self.values))
        if wait:
            self.wait()

    def helm(self, *arguments, input=None):
        return self.cluster.helm(*arguments, "--namespace", NAMESPACE, input=input).stdout

    def upgrade(self, values):
        self.values = {**self.values, **values}
        return self.helm("upgrade", NAME, ROOT / "deploy/chart", "--values", "-", input=json.dumps(self.values))

    def kubectl(self, *arguments, **options):
        return self.cluster.kubectl(*arguments, namespace=NAMESPACE, **options)

    def pods(self):
        """The Pods that run, by name."""
        return self.kubelet.processes(NAMESPACE)

    def create(self, image, namespace="default", **options):
        """Ask for a Pod without storing it."""
        return self.cluster.kubectl("run", "probe", "--dry-run=server", "--image", image, namespace=namespace,
                                    check=False, **options)

    def everywhere(self, image, namespace="default", denied="", warned=""):
        """Wait until each replica denies the image in these words, or admits it; with a warning in these words, where
        there are any. Each is asked by itself: the API server keeps its connections, so that what it asks for may all
        go to one of them."""
        def one(pod):
            answer = validate(pod, image, namespace)
            return (answer["allowed"] is not bool(denied) and denied in answer.get("status", {}).get("message", "")
                    and warned in "\n".join(answer.get("warnings", [])))
        wait_until(lambda: all(one(pod) for pod in self.pods().values()), denied or warned or "admitted", DEADLINE)

    def wait(self):
        """Until all replicas are ready and the API server asks them."""
        self.rolled_out()
        wait_until(lambda: "denied the request" in self.create("not-allowed.example.net/x:1").stderr,
                   "the webhook asked", DEADLINE)
        wait_until(lambda: self.create("registry.example.com/x:1").returncode == 0, "an answer", DEADLINE)

    def rolled_out(self):
        """Until all replicas are of the newest template, ready, and the others gone."""
        def done():
            assert self.kubelet.failure is None, self.kubelet.failure
            deployment = self.cluster.api("GET", f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments/{NAME}")
            status, wanted = deployment.get("status", {}), deployment["spec"]["replicas"]
            return (status.get("observedGeneration") == deployment["metadata"]["generation"]
                    and status.get("updatedReplicas") == status.get("availableReplicas") == wanted
                    and len(self.pods()) == wanted)
        try:
            wait_until(done, "three replicas ready", DEADLINE)
        except AssertionError as failure:
            raise AssertionError("\n".join([str(failure), *(
                f"{pod.name}: {pod.log()[-2000:]}" for pod in self.kubelet.pods.values())])) from None

    def stop(self):
        self.kubelet.stop()


def validate(pod, image, namespace):
    """What this replica answers, as to a dry run. Its certificate names the Service, not the Pod."""
    context = ssl._create_unverified_context()
    connection = http.client.HTTPSConnection(pod.address, 8443, timeout=DEADLINE, context=context)
    answer = ask(connection, "POST", "/validate?timeout=10s", review(image, namespace=namespace, dryRun=True))
    connection.close()
    assert answer.status == 200, answer.body
    return json.loads(answer.body)["response"]

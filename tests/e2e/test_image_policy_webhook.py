"""The API server's ImagePolicyWebhook plugin asks pratique, over mutual TLS, by files of `pratique manifests`."""
import json

import pytest

from cluster import Authority, Failure, wait_until
from plugin import Beside, manifests, restart

GOOD, BETTER, BAD = (f"{host}/shop/web:1.0" for host in ("registry.example.com", "mirror.example.com", "evil.example.net"))

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {{name: baseline}}
spec:
  rules:
    - name: trusted-registries
      allow: [{allowed}]
"""
STRICT = POLICY.format(allowed="registry.example.com, mirror.example.com")
STRICTER = POLICY.format(allowed="mirror.example.com")
LOOSER = POLICY.format(allowed="registry.example.com, mirror.example.com, evil.example.net")

REASON = ('image policy webhook backend denied one or more images: spec.containers[{index}].image "{image}": policy '
          'baseline, rule trusted-registries: registry {host} is not among those allowed: registry.example.com, '
          'mirror.example.com; use an image that one of these matches')
KEPT_OFF = ("--allow-ttl", "off", "--deny-ttl", "off")


class Plugin:
    """A cluster of its own, whose API server is started again when its files change."""

    def __init__(self, clusters, folder):
        self.pratique, self.options = Beside(folder), None
        self.make(KEPT_OFF)
        self.pratique.start(STRICT)
        self.cluster = clusters(
            admission_plugins=["ImagePolicyWebhook"],
            api_server=[f"--admission-control-config-file={self.pratique.files}/admission-configuration.yaml"])

    def make(self, options):
        self.options = options
        manifests("image-policy-webhook", *self.pratique.options(), *options, "--retry-backoff", "1ms")

    def use(self, options):
        """Have the API server run with these options, and the policy STRICT."""
        if options != self.options:
            self.make(options)
            restart(self.cluster)
        if not self.pratique.server:
            self.pratique.start(STRICT)
        elif (self.pratique.folder / "server/policies/policy.yaml").read_text() != STRICT:
            self.pratique.change_policy(STRICT)
        return self

    def run(self, image, namespace, name="web", *more):
        return self.cluster.kubectl("run", name, "--image", image, *more, namespace=namespace, check=False)

    def asked(self):
        return len(self.pratique.server.audit())


@pytest.fixture(scope="module")
def started(clusters, tmp_path_factory):
    plugin = Plugin(clusters, tmp_path_factory.mktemp("plugin"))
    yield plugin
    plugin.pratique.stop()


@pytest.fixture
def plugin(started):
    return started.use(KEPT_OFF)


@pytest.fixture
def namespace(started):
    return started.cluster.namespace()


def pod(image, name="web", annotations=None, **spec):
    return {"apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "annotations": annotations or {}},
            "spec": {"containers": [{"name": "web", "image": image}], **spec}}


def denial(image, index=0, name="web"):
    host = image.split("/")[0]
    return f'pods "{name}" is forbidden: {REASON.format(index=index, image=image, host=host)}\n'


def test_allowed_and_denied(plugin, namespace):
    allowed, denied = plugin.run(GOOD, namespace, "good"), plugin.run(BAD, namespace)
    assert (allowed.stdout, allowed.stderr) == ("pod/good created\n", "")
    assert (denied.returncode, denied.stdout) == (1, "")
    assert denied.stderr == "Error from server (Forbidden): " + denial(BAD)


def test_init_containers_stand_behind_the_others(plugin, namespace):
    """An ImageReview has one list: init containers are counted on from the containers."""
    init = pod(GOOD, initContainers=[{"name": "init", "image": BAD}])
    denied = plugin.cluster.kubectl("create", "-f", "-", input=init, namespace=namespace, check=False)
    assert denied.stderr == ('Error from server (Forbidden): error when creating "STDIN": ' + denial(BAD, index=1))


def test_cve_2023_2727_debug_container(plugin, namespace):
    """Before its fix the plugin did not ask about ephemeral containers."""
    plugin.run(GOOD, namespace)
    debug = ("debug", "web", "-c", "debugger", "--attach=false", "--image")
    denied = plugin.cluster.kubectl(*debug, BAD, namespace=namespace, check=False)
    assert denied.returncode == 1 and REASON.format(index=0, image=BAD, host="evil.example.net") in denied.stderr
    found = plugin.cluster.api("GET", f"/api/v1/namespaces/{namespace}/pods/web")
    assert "ephemeralContainers" not in found["spec"]
    plugin.cluster.kubectl(*debug, BETTER, namespace=namespace)
    found = plugin.cluster.api("GET", f"/api/v1/namespaces/{namespace}/pods/web")
    assert [one["image"] for one in found["spec"]["ephemeralContainers"]] == [BETTER]


def test_set_image(plugin, namespace):
    plugin.run(GOOD, namespace)
    denied = plugin.cluster.kubectl("set", "image", "pod/web", "web=" + BAD, namespace=namespace, check=False)
    assert denied.returncode == 1 and denial(BAD).rstrip("\n") in denied.stderr


def test_annotations_open_nothing(plugin, namespace):
    """They reach pratique, which goes by none of them."""
    key = "break-glass.image-policy.k8s.io/ticket"
    before = plugin.asked()
    opened = pod(BAD, annotations={key: "INC-42", "alpha.image-policy.k8s.io/failed-open": "true",
                                   "images.image-policy.k8s.io/overrideWhitelist": "true"})
    denied = plugin.cluster.kubectl("create", "-f", "-", input=opened, namespace=namespace, check=False)
    assert denied.returncode == 1 and denial(BAD) in denied.stderr
    assert plugin.asked() == before + 1


def test_deployment_is_admitted_and_its_pods_are_not(plugin, namespace):
    """The plugin is asked about Pods alone: whoever applies a Deployment sees success."""
    created = plugin.cluster.kubectl("create", "deployment", "web", "--image", BAD, namespace=namespace)
    assert created.stdout == "deployment.apps/web created\n"

    def event():
        events = plugin.cluster.api("GET", f"/api/v1/namespaces/{namespace}/events")["items"]
        return next((one["message"] for one in events if one["reason"] == "FailedCreate"), None)
    message = wait_until(event, "the event of the ReplicaSet")
    assert message.startswith('Error creating: pods "web-') and message.endswith(
        f"is forbidden: {REASON.format(index=0, image=BAD, host='evil.example.net')}")
    assert plugin.cluster.api("GET", f"/api/v1/namespaces/{namespace}/pods")["items"] == []


def test_images_of_volumes_are_not_seen(plugin, namespace):
    """The plugin does not send them; the validating webhook is for that. docs/image-policy-webhook.md says so."""
    volume = pod(GOOD, volumes=[{"name": "data", "image": {"reference": BAD}}])
    created = plugin.cluster.kubectl("create", "-f", "-", input=volume, namespace=namespace)
    assert created.stdout == "pod/web created\n"
    assert BAD not in json.dumps(plugin.pratique.server.audit()[-1])


def test_what_the_audit_log_has(plugin, namespace):
    plugin.run(BAD, namespace)
    [event] = [one for one in plugin.cluster.audit() if one["verb"] == "create" and one["objectRef"]["resource"] == "pods"
               and one["objectRef"]["namespace"] == namespace]
    assert event["responseStatus"]["code"] == 403
    prefix = "imagepolicywebhook.image-policy.k8s.io/"
    ours = {key[len(prefix):]: value for key, value in event["annotations"].items() if key.startswith(prefix)}
    assert ours == {"decision": "deny", "policies": "baseline"}


# -- nobody answers --

def test_stopped(plugin, namespace):
    plugin.pratique.stop()
    denied = plugin.run(GOOD, namespace)
    assert denied.returncode == 1
    assert denied.stderr == ('Error from server (Forbidden): pods "web" is forbidden: Post '
                             '"https://127.0.8.1:8443/imagepolicy?timeout=30s": dial tcp 127.0.8.1:8443: connect: '
                             'connection refused\n')


@pytest.mark.parametrize("other", ["another name", "another authority"])
def test_wrong_client_certificate(plugin, namespace, tmp_path, other):
    """pratique does not answer a caller that is not kube-apiserver; no Pod gets in by that."""
    plugin.pratique.stop()
    tls = {"clientNames": ["somebody-else"]}
    if other == "another authority":
        tls = {"clientCA": str(Authority(tmp_path, "other-ca").certificate)}
    plugin.pratique.start(STRICT, **tls)
    denied = plugin.run(GOOD, namespace)
    plugin.pratique.stop()
    why = {"another name": "the client certificate has none of the names that may ask",
           "another authority": "The certificate is NOT trusted. The certificate issuer is unknown."}[other]
    assert denied.stderr.strip() == f"Error from server: pratique: {why}"
    assert plugin.cluster.exists(f"/api/v1/namespaces/{namespace}/pods/web") is None


def test_stopped_with_default_allow(started, namespace):
    plugin = started.use((*KEPT_OFF, "--default-allow"))
    assert plugin.run(BAD, namespace).returncode == 1, "while it answers, its answer counts"
    plugin.pratique.stop()
    opened = plugin.run(BAD, namespace)
    assert (opened.stdout, opened.stderr) == ("pod/web created\n", "")
    [event] = [one for one in plugin.cluster.audit() if one["verb"] == "create" and one["responseStatus"]["code"] == 201
               and one["objectRef"]["resource"] == "pods" and one["objectRef"]["namespace"] == namespace]
    assert event["annotations"]["imagepolicywebhook.image-policy.k8s.io/failed-open"] == "true"


@pytest.mark.parametrize("images, annotation", [
    ([GOOD] * 511 + [BAD], ""), ([GOOD] * 512 + [BAD], ""), ([GOOD] * 3000 + [BAD], ""),
    (["evil.example.net/" + "a" * 1007], ""), (["evil.example.net/" + "a" * 1008], ""),
    (["evil.example.net/" + "a" * 1000000], ""),
    (["evil.example.net/a\u0000"], ""), (["evil.example.net/a\nb"], ""), (["\u202eevil"], ""), (["evil\ud83d\udea2"], ""),
    (["UPPER/Case"], ""), (["@"], ""), (["evil.example.net/a:b:c"], ""), (["https://evil.example.net/a"], ""),
    ([BAD, "<" * 1000000], ""), ([BAD, "<" * 1450000], ""), ([BAD, "<" * 2900000], ""),
    ([BAD], "x" * 250000), ([BAD], "\u0000"), ([BAD], "\ufffe\uffff"),
], ids=lambda value: f"{len(str(value))}")
def test_nothing_that_is_sent_counts_as_no_answer(started, namespace, images, annotation):
    """What pratique refuses to read must be a denial, or it would be let in by --default-allow."""
    plugin = started.use((*KEPT_OFF, "--default-allow"))
    body = pod("", annotations={"x.image-policy.k8s.io/y": annotation})
    body["spec"]["containers"] = [{"name": f"web-{n}", "image": image} for n, image in enumerate(images)]
    with pytest.raises(Failure) as denied:
        plugin.cluster.create(f"/api/v1/namespaces/{namespace}/pods", body)
    assert "image policy webhook backend denied" in denied.value.status["message"]


def test_wrong_client_certificate_with_default_allow(started, namespace):
    """A slip in a certificate opens everything, as if nobody answered."""
    plugin = started.use((*KEPT_OFF, "--default-allow"))
    plugin.pratique.stop()
    plugin.pratique.start(STRICT, clientNames=["somebody-else"])
    opened = plugin.run(BAD, namespace)
    plugin.pratique.stop()
    assert opened.stdout == "pod/web created\n"


# -- answers that are kept --

def test_answers_are_kept(started, namespace):
    """By images, namespace and annotations of the plugin, whatever the Pod is called and whoever asks."""
    plugin = started.use(("--allow-ttl", "30m", "--deny-ttl", "30m"))
    other = plugin.cluster.namespace()
    before = plugin.asked() + 2
    assert plugin.run(GOOD, namespace, "one").returncode == 0
    assert plugin.run(BAD, namespace, "two").returncode == 1
    wait_until(lambda: plugin.asked() == before, "both counted")  # an answer is counted when it is sent
    plugin.pratique.change_policy(LOOSER.replace("registry.example.com, ", ""))
    assert plugin.run(GOOD, namespace, "three").stdout == "pod/three created\n"
    assert denial(BAD, name="four") in plugin.run(BAD, namespace, "four").stderr
    assert plugin.asked() == before
    assert plugin.run(GOOD, other).returncode == 1
    assert plugin.run(GOOD, namespace, "five", "--annotations=x.image-policy.k8s.io/y=z").returncode == 1
    assert plugin.run(BAD, other, "six").stdout == "pod/six created\n"
    wait_until(lambda: plugin.asked() == before + 3, "three more counted")
    assert plugin.run(GOOD, namespace, "seven", "--annotations=example.com/y=z").stdout == "pod/seven created\n"
    assert plugin.asked() == before + 3


def test_an_admission_outlives_the_server(started, namespace):
    plugin = started.use(("--allow-ttl", "30m", "--deny-ttl", "30m"))
    plugin.run(GOOD, namespace, "one")
    plugin.pratique.stop()
    assert plugin.run(GOOD, namespace, "two").stdout == "pod/two created\n"
    assert plugin.run(BETTER, namespace, "three").returncode == 1


def test_answers_are_kept_for_their_time(started, namespace):
    plugin = started.use(("--allow-ttl", "1s", "--deny-ttl", "1s"))
    names = (f"web-{n}" for n in range(100000))
    assert plugin.run(GOOD, namespace, next(names)).returncode == 0
    plugin.pratique.change_policy(STRICTER)
    wait_until(lambda: plugin.run(GOOD, namespace, next(names)).returncode == 1, "the admission forgotten")
    plugin.pratique.change_policy(STRICT)
    wait_until(lambda: plugin.run(GOOD, namespace, next(names)).returncode == 0, "the denial forgotten")

"""What the tests of whole cases share: where things are, how the program is asked as a process and
over HTTPS, and what kube-apiserver demands of every response."""
import base64
import http.client
import json
import os
import pathlib
import re
import shutil
import signal
import ssl
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
BINARY = pathlib.Path(os.environ.get("PRATIQUE_BINARY", ROOT / "build/pratique"))
BINARY = BINARY if BINARY.is_absolute() else (pathlib.Path.cwd() / BINARY).resolve()
VECTORS = pathlib.Path(os.environ.get("PRATIQUE_VECTORS", ROOT / "tests/vectors"))

SECONDS = 60  # for anything that should take none; sanitizers and loaded machines are slow


def run(*arguments, stdin=b"", leaks=True):
    """The program with these arguments; returns the finished process. Looking for leaks takes half of
    its time under ASan, and is of no use where the same was done before."""
    environment = os.environ if leaks else {**os.environ, "ASAN_OPTIONS": "detect_leaks=0"}
    return subprocess.run([BINARY, *arguments], input=stdin, capture_output=True, timeout=SECONDS,
                          env=environment)


def make_certificate(folder):
    """A self-signed certificate for 127.0.0.1, as tls.crt and tls.key."""
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
         "-days", "2", "-subj", "/CN=pratique", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
        check=True, stderr=subprocess.DEVNULL)


def server_configuration(policies, options, certificates):
    """The configuration as JSON, which is YAML too. `options` are the settings of a case."""
    configuration = {
        "apiVersion": "pratique.dev/v1alpha1",
        "kind": "ServerConfiguration",
        "listen": {"address": "127.0.0.1", "port": 0},
        "tls": {"certificate": str(certificates / "tls.crt"), "key": str(certificates / "tls.key")},
        "policies": [str(policy) for policy in policies],
        "drain": {"delay": "0s"},
        "reload": "1h",
        "log": {"format": "json"},
    }
    for name, theirs in (("default", "uncovered"), ("runtime", "runtime")):
        if name in options:
            configuration[theirs] = options[name]
    configuration.update(options.get("config", {}))
    return json.dumps(configuration, indent=1)


class Server:
    """`pratique serve`, and one connection to it that is kept alive."""

    def __init__(self, options, folder, certificates):
        self.folder = folder / "policies"
        self.folder.mkdir()
        self.log = folder / "server.log"
        self.configuration = folder / "server.yaml"
        self.configuration.write_text(server_configuration([self.folder], options, certificates))
        self.context = ssl.create_default_context(cafile=certificates / "tls.crt")
        self.policies = None
        self.process = None
        self.connection = None

    def use(self, policies):
        """Answer by these policies from now on: start with them, or load them."""
        if policies == self.policies:
            return
        loads = len(self._events("policies loaded"))
        for path in self.folder.iterdir():
            path.unlink()
        for number, path in enumerate(policies):
            shutil.copy(path, self.folder / f"{number}{path.suffix}")
        self.policies = policies
        if self.process is None:
            self._start()
        else:
            self.process.send_signal(signal.SIGHUP)
            self._wait_for("policies loaded", loads + 1)

    def _start(self):
        with open(self.log, "wb") as log:
            self.process = subprocess.Popen([BINARY, "serve", "--config", self.configuration],
                                            stderr=log)
        self.port = self._wait_for("ready", 1)["port"]

    def _events(self, message):
        """The events of this message in the log."""
        lines = self.log.read_text().splitlines(keepends=True) if self.log.exists() else []
        events = [json.loads(line) for line in lines if line.startswith("{") and line.endswith("\n")]
        return [event for event in events if event["message"] == message]

    def _wait_for(self, message, count):
        end = time.monotonic() + SECONDS
        while time.monotonic() < end and self.process.poll() is None:
            events = self._events(message)
            if len(events) >= count:
                return events[-1]
            time.sleep(0.002)
        self.process.kill()
        raise AssertionError(f"no {message!r} in the log:\n{self.log.read_text()}")

    def post(self, path, body):
        """Returns status and body."""
        if self.connection is None:
            self.connection = http.client.HTTPSConnection("127.0.0.1", self.port, timeout=SECONDS,
                                                          context=self.context)
        self.connection.request("POST", path + "?timeout=10s", body,
                                {"Content-Type": "application/json"})
        answer = self.connection.getresponse()
        data = answer.read()
        if answer.will_close:
            self.connection.close()
        return answer.status, data

    def stop(self):
        if self.connection is not None:
            self.connection.close()
        self.process.terminate()
        code = self.process.wait(timeout=SECONDS)
        assert code == 0, f"the server ended with {code}:\n{self.log.read_text()}"


def api_server_error(uid, mutating, answer, version):
    """Why kube-apiserver would take the webhook for broken; None if it would not. The order of the
    questions is its own: k8s.io/apiserver, admission/plugin/webhook/request/admissionreview.go."""
    response = answer.get("response") if isinstance(answer, dict) else None
    if version == "v1beta1":
        return "response was absent" if response is None else None
    if (answer.get("apiVersion"), answer.get("kind")) != ("admission.k8s.io/v1", "AdmissionReview"):
        return "expected webhook response of admission.k8s.io/v1, Kind=AdmissionReview"
    if response is None:
        return "response was absent"
    if response.get("uid") != uid:
        return f'expected response.uid="{uid}"'
    if not mutating:
        for name in ("patch", "patchType"):
            if response.get(name) is not None:
                return "validating webhook may not return response." + name
        return None
    if response.get("patch") and response.get("patchType") is None:
        return "webhook returned response.patch but not response.patchType"
    if response.get("patchType") is not None and not response.get("patch"):
        return "webhook returned response.patchType but not response.patch"
    if response.get("patchType") == "":
        return 'webhook returned invalid response.patchType of ""'
    return None


def check_rules(question, answer, mutating):
    """What kube-apiserver demands of a response, and what we demand of ourselves beyond it."""
    if answer["kind"] == "ImageReview":
        assert answer["apiVersion"] == question["apiVersion"]
        assert isinstance(answer["status"]["allowed"], bool)
        assert answer["status"]["allowed"] or answer["status"]["reason"]
        return check_annotations(answer["status"])
    request = question.get("request", question)  # a bare AdmissionRequest is answered as v1
    version = question["apiVersion"].rpartition("/")[2] if "request" in question else "v1"
    assert answer["apiVersion"] == "admission.k8s.io/" + version
    assert answer["kind"] == "AdmissionReview"
    assert api_server_error(request["uid"], mutating, answer, version) is None
    response = answer["response"]
    assert response["uid"] == request["uid"]
    assert isinstance(response["allowed"], bool)
    check_patch(response, mutating)
    check_denial(response)
    for warning in response.get("warnings", []):
        assert 0 < len(warning) <= 256 and warning.isprintable(), warning
    check_annotations(response)


def check_denial(response):
    if response["allowed"]:
        assert "status" not in response
        return
    status = response["status"]
    assert status["code"] == 403 and status["reason"] == "Forbidden" and status["message"]
    assert len(status["message"].encode()) <= 2048


def check_patch(response, mutating):
    if "patch" not in response:
        assert "patchType" not in response
        return
    assert mutating and response["allowed"] and response["patchType"] == "JSONPatch"
    patch = json.loads(base64.b64decode(response["patch"], validate=True))
    assert isinstance(patch, list) and patch, "a patch that changes nothing is left out"
    for operation in patch:
        assert operation["op"] in ("test", "add", "replace")
        assert operation["path"].startswith("/") and "value" in operation


def check_annotations(response):
    for key, value in response.get("auditAnnotations", {}).items():
        assert 0 < len(key) <= 63 and "/" not in key and isinstance(value, str)


def pointer_tokens(pointer):
    return [token.replace("~1", "/").replace("~0", "~") for token in pointer.split("/")[1:]]


def pointer_of(path):
    """A JSON Pointer from a field path: spec.containers[0].image, metadata.annotations[a.b/c]."""
    pointer = ""
    for name, index in re.findall(r"([^.\[\]]+)|\[([^\]]*)\]", path):
        pointer += "/" + (name or index).replace("~", "~0").replace("/", "~1")
    return pointer


def at(document, pointer):
    for token in pointer_tokens(pointer):
        document = document[int(token) if isinstance(document, list) else token]
    return document


def apply_patch(document, patch):
    """RFC 6902, the operations that the program uses; returns the new document."""
    document = json.loads(json.dumps(document))
    for operation in patch:
        *parents, last = pointer_tokens(operation["path"])
        target = document
        for token in parents:
            target = target[int(token) if isinstance(target, list) else token]
        key = int(last) if isinstance(target, list) else last
        if operation["op"] == "test":
            assert target[key] == operation["value"], "a test of the patch fails"
        else:
            assert operation["op"] == "add" or key in target
            target[key] = operation["value"]
    return document


def said(answer):
    """What a response says, without what repeats the question: this is what expect.json holds."""
    if answer["kind"] == "ImageReview":
        return {key: value for key, value in answer["status"].items()}
    response = dict(answer["response"])
    del response["uid"]
    if "patch" in response:
        response["patch"] = json.loads(base64.b64decode(response["patch"]))
        del response["patchType"]
    if "status" in response:
        response["message"] = response["status"]["message"]
        if "details" in response["status"]:
            response["causes"] = response["status"]["details"]["causes"]
        del response["status"]
    return response

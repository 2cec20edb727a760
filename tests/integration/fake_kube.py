"""A fake: an API server that knows Secrets, Leases and webhook configurations as far as a managed certificate needs,
for faults that a real one does not make when it is asked to. What a real one does is tested in tests/e2e."""
import base64
import http.server
import json
import ssl
import threading

from pratique_server import Authority

SECRET = "/api/v1/namespaces/ns/secrets/tls"
LEASE = "/apis/coordination.k8s.io/v1/namespaces/ns/leases/tls"
WEBHOOKS = "/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations/pratique"


class FakeKube:
    """`fault` is asked at each request, with the handler; what it returns, if not None, is the answer as a status and
    a body, and nothing else happens."""

    def __init__(self, folder):
        self.folder, self.objects, self.version, self.lock = folder, {}, 100, threading.Lock()
        self.fault, self.token, self.requests, self.date = (lambda handler: None), "token-1", [], None
        self.release = threading.Event()  # ends what hangs
        self.authority = Authority(folder, "kube-ca")
        certificate, key = self.authority.sign("kube-apiserver", usage="serverAuth\nsubjectAltName=IP:127.0.0.1")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        fake = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                self.body = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or "null")
                status, body = fake.answer(self)
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_POST = do_PUT = do_PATCH = do_GET

            def date_time_string(self, timestamp=None):
                return fake.date or super().date_time_string(timestamp)

            def log_message(self, *arguments):
                pass

        class Quiet(http.server.ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *arguments):
                pass

        self.server = Quiet(("127.0.0.1", 0), Handler)
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        self.release.set()
        self.server.shutdown()
        self.server.server_close()

    # -- answering --

    def answer(self, handler):
        self.requests.append((handler.command, handler.path))
        if handler.headers["Authorization"] != "Bearer " + self.token:
            return 401, b'{"kind": "Status", "reason": "Unauthorized"}'
        faulty = self.fault(handler)
        if faulty is not None:
            return faulty
        with self.lock:
            return getattr(self, "on_" + handler.command)(handler.path, handler.body)

    def on_GET(self, path, _):
        found = self.objects.get(path)
        return (200, json.dumps(found).encode()) if found else (404, b"{}")

    def store(self, path, body, status=200):
        self.version += 1
        body.setdefault("metadata", {})["resourceVersion"] = str(self.version)
        self.objects[path] = body
        return status, json.dumps(body).encode()

    def on_POST(self, path, body):
        path += "/" + body["metadata"]["name"]
        return (409, b"{}") if path in self.objects else self.store(path, body, 201)

    def on_PUT(self, path, body):
        old = self.objects.get(path)
        if old is None:
            return 404, b"{}"
        if body["metadata"].get("resourceVersion") != old["metadata"]["resourceVersion"]:
            return 409, b"{}"
        return self.store(path, body)

    def on_PATCH(self, path, operations):
        new = json.loads(json.dumps(self.objects[path]))
        for operation in operations:
            *parents, last = operation["path"].split("/")[1:]
            place = new
            for part in parents:
                place = place[int(part) if part.isdigit() else part]
            if last == "resourceVersion" and place[last] != operation["value"]:
                return 409, b"{}"
            if operation["op"] == "test":
                assert place[last] == operation["value"]
            else:
                place[last] = operation["value"]
        return self.store(path, new)

    # -- what is in it --

    def secret(self):
        data = self.objects.get(SECRET, {}).get("data", {})
        return {name: base64.b64decode(value) for name, value in data.items()}

    def register(self):
        with self.lock:
            self.store(WEBHOOKS, {"metadata": {}, "webhooks": [
                {"name": "one", "clientConfig": {"service": {"name": "pratique", "namespace": "ns"}}}]})

    def bundle(self):
        return base64.b64decode(self.objects[WEBHOOKS]["webhooks"][0]["clientConfig"].get("caBundle", ""))

    def kubeconfig(self, authority=None):
        (self.folder / "token").write_text(self.token)
        path = self.folder / "kubeconfig"
        path.write_text(json.dumps({
            "current-context": "it", "contexts": [{"name": "it", "context": {"cluster": "it", "user": "it", "namespace": "ns"}}],
            "clusters": [{"name": "it", "cluster": {"server": f"https://127.0.0.1:{self.server.server_address[1]}",
                                                    "certificate-authority": str((authority or self.authority).certificate)}}],
            "users": [{"name": "it", "user": {"tokenFile": "token"}}]}))
        return path


def launch_managed(server, fake, authority=None, **managed):
    """Configure `server` for the managed certificate, and launch it."""
    server.configuration["tls"] = {"managed": {"secret": "tls", "service": "pratique", "webhooks": ["pratique"], **managed}}
    server.configuration["kubernetes"] = {"kubeconfig": str(fake.kubeconfig(authority))}
    server.launch()

"""A token server as the distribution project documents it, whose tokens real registries take: JWTs signed with a key whose
certificate they trust. It knows users and passwords, gives refresh tokens, and lets anybody pull what is below `public/`.

`server.requests` is all that was asked: who, by which way, which service and scopes, and whether a token was given."""
import base64
import collections
import http.server
import json
import secrets
import ssl
import subprocess
import threading
import time
import urllib.parse

from pratique_server import openssl

SERVICE, ISSUER = "registry.test", "token-server.test"
PUBLIC = "public/"

Asked = collections.namedtuple("Asked", "method account service scopes given")


def base64url(data):
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def make_signer(folder):
    """The paths of a key and the certificate by which registries trust it."""
    key, certificate = folder / "tokens.key", folder / "tokens.crt"
    openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=tokens", "-keyout", key, "-out", certificate)
    return key, certificate


class TokenServer:
    def __init__(self, folder, users, tls=None, lifetime=300):
        """`users`: name to password; `tls`: paths of certificate and key, else plain HTTP; `lifetime` of tokens, seconds."""
        self.users, self.lifetime = dict(users), lifetime
        self.key, self.certificate = make_signer(folder)
        self.requests, self.refresh = [], {}
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads, self.server.tokens = True, self
        self.address = "localhost:%d" % self.server.server_address[1]  # crane asks no address for a token
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*tls)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.realm = f"{'https' if tls else 'http'}://{self.address}/token"
        threading.Thread(target=self.server.serve_forever, args=(0.02,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()

    def sign(self, text):
        return subprocess.run(["openssl", "dgst", "-sha256", "-sign", self.key], input=text.encode(), check=True,
                              stdout=subprocess.PIPE).stdout

    def token(self, account, service, access):
        der = ssl.PEM_cert_to_DER_cert(self.certificate.read_text())
        now = int(time.time())
        parts = [{"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(der).decode()]},
                 {"iss": ISSUER, "sub": account or "", "aud": service, "exp": now + self.lifetime, "nbf": now - 10, "iat": now,
                  "jti": secrets.token_hex(8), "access": access}]
        text = ".".join(base64url(json.dumps(part).encode()) for part in parts)
        return text + "." + base64url(self.sign(text))

    def access(self, account, scopes):
        """What of the scopes ("repository:NAME:pull,push") is granted."""
        granted = []
        for scope in scopes:
            kind, _, rest = scope.partition(":")
            name, _, actions = rest.rpartition(":")
            actions = [one for one in actions.split(",") if account or (one == "pull" and name.startswith(PUBLIC))]
            granted.append({"type": kind, "name": name, "actions": actions})
        return granted

    def answer(self, account, service, scopes, offline):
        token = self.token(account, service, self.access(account, scopes))
        answer = {"token": token, "access_token": token, "expires_in": self.lifetime,
                  "issued_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())}
        if offline and account:
            answer["refresh_token"] = secrets.token_hex(16)
            self.refresh[answer["refresh_token"]] = account
        return answer


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *_):
        pass

    def reply(self, status, document):
        body = json.dumps(document).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def grant(self, known, account, service, scopes, offline):
        tokens = self.server.tokens
        tokens.requests.append(Asked(self.command, account, service, scopes, known))
        if known:
            return self.reply(200, tokens.answer(account, service, scopes, offline))
        return self.reply(401, {"errors": [{"code": "UNAUTHORIZED", "message": "no such user or password"}]})

    def knows(self, name, password):
        return self.server.tokens.users.get(name) == password and password is not None

    def do_GET(self):
        query = urllib.parse.parse_qs(urllib.parse.urlsplit(self.path).query)
        kind, _, value = self.headers.get("Authorization", "").partition(" ")
        account, known = None, True
        if kind:
            account, _, password = base64.b64decode(value).decode().partition(":") if kind == "Basic" else ("", "", "")
            known = self.knows(account, password)
        scopes = [one for scope in query.get("scope", []) for one in scope.split(" ")]
        self.grant(known, account, query.get("service", [""])[0], scopes, query.get("offline_token") == ["true"])

    def do_POST(self):
        """OAuth2: a password or a refresh token for a token."""
        form = dict(urllib.parse.parse_qsl(self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()))
        if form.get("grant_type") == "refresh_token":
            account = self.server.tokens.refresh.get(form.get("refresh_token"))
            known = account is not None
        else:
            account = form.get("username")
            known = self.knows(account, form.get("password"))
        self.grant(known, account, form.get("service", ""), form.get("scope", "").split(), form.get("access_type") == "offline")

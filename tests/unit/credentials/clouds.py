"""The token services of three clouds on one port, as they are documented. Each checks all that it is sent, and says
what is wrong with it by a status of 418, which no test expects. Ends with its standard input.

What identities may do is in their names: a role, an application or an audience that contains "denied" is refused, with
the secret in the sentence; "ended" has tokens that have ended, "brief" those of two seconds.

usage: clouds.py [CERTIFICATE KEY], over TLS with these"""
import base64
import datetime
import hashlib
import hmac
import http.server
import json
import ssl
import sys
import threading
import time
import urllib.parse

SUBJECT = "eyJ.platform+/=&token"
counts = {}


class Wrong(Exception):
    pass


def check(name, found, wanted):
    if found != wanted:
        raise Wrong(f"{name} is {found!r}, not {wanted!r}")


def life(identity):
    return -5 if "ended" in identity else 2 if "brief" in identity else 3600


def jwt(claims):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()
    return f"{part({'alg': 'none'})}.{part(claims)}.s3cr3t-signature"


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def answer(self, status, body, kind="application/json"):
        body = (body if isinstance(body, str) else json.dumps(body)).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except BrokenPipeError:
            pass  # nobody waited for it

    def form(self, *names):
        check("content type", self.headers["Content-Type"], "application/x-www-form-urlencoded")
        pairs = urllib.parse.parse_qsl(self.body.decode(), strict_parsing=True)
        check("fields", [name for name, _ in pairs], list(names))
        return dict(pairs)

    # -- Amazon --

    def sts(self):
        form = self.form("Action", "Version", "RoleArn", "RoleSessionName", "WebIdentityToken")
        check("action", form["Action"], "AssumeRoleWithWebIdentity")
        check("version", form["Version"], "2011-06-15")
        check("token", form["WebIdentityToken"], SUBJECT)
        role = form["RoleArn"]
        if "denied" in role:
            self.answer(403, "<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code>"
                             f"<Message>not with {SUBJECT}</Message></Error></ErrorResponse>", "text/xml")
            return
        self.answer(200, f"""<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/">
  <AssumeRoleWithWebIdentityResult>
    <AssumedRoleUser><Arn>{role}/{form["RoleSessionName"]}</Arn></AssumedRoleUser>
    <Credentials>
      <AccessKeyId>ASIA{len(role)}</AccessKeyId>
      <SecretAccessKey>s3cr3t/{role}</SecretAccessKey>
      <SessionToken>s3cr3t+{role}==</SessionToken>
      <Expiration>2030-01-01T00:00:00Z</Expiration>
    </Credentials>
  </AssumeRoleWithWebIdentityResult>
</AssumeRoleWithWebIdentityResponse>""", "text/xml")

    def signature(self, role, scope, names):
        """Signature Version 4 of this request, made anew."""
        headers = "".join(f"{name}:{' '.join(self.headers[name].split())}\n" for name in names)
        request = "\n".join([self.command, self.path, "", headers, ";".join(names),
                             hashlib.sha256(self.body).hexdigest()])
        text = "\n".join(["AWS4-HMAC-SHA256", self.headers["X-Amz-Date"], "/".join(scope),
                          hashlib.sha256(request.encode()).hexdigest()])
        key = f"AWS4s3cr3t/{role}".encode()
        for step in scope:
            key = hmac.new(key, step.encode(), hashlib.sha256).digest()
        return hmac.new(key, text.encode(), hashlib.sha256).hexdigest()

    def ecr(self):
        check("target", self.headers["X-Amz-Target"], "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken")
        check("content type", self.headers["Content-Type"], "application/x-amz-json-1.1")
        check("body", json.loads(self.body), {})
        role = self.headers["X-Amz-Security-Token"].removeprefix("s3cr3t+").removesuffix("==")
        algorithm, rest = self.headers["Authorization"].split(" ", 1)
        check("algorithm", algorithm, "AWS4-HMAC-SHA256")
        parts = dict(part.split("=", 1) for part in rest.split(", "))
        key_id, *scope = parts["Credential"].split("/")
        names = parts["SignedHeaders"].split(";")
        date = datetime.datetime.strptime(self.headers["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
        check("key", key_id, f"ASIA{len(role)}")
        check("scope", [scope[0], *scope[2:]], [self.headers["X-Amz-Date"][:8], "ecr", "aws4_request"])
        check("signed", names, sorted({"content-type", "host", "x-amz-date", "x-amz-security-token", "x-amz-target"}))
        check("date", abs(date.timestamp() - time.time()) < 300, True)
        check("signature", parts["Signature"], self.signature(role, scope, names))
        if "forbidden" in role:
            self.answer(400, {"__type": "AccessDeniedException", "message": "not with s3cr3t"})
            return
        token = base64.b64encode(f"AWS:s3cr3t of {scope[1]}".encode()).decode()
        self.answer(200, {"authorizationData": [{"authorizationToken": token, "expiresAt": time.time() + life(role),
                                                 "proxyEndpoint": "https://123456789012.dkr.ecr"}]})

    # -- Google --

    def metadata(self):
        check("flavour", self.headers["Metadata-Flavor"], "Google")
        self.answer(200, {"access_token": "s3cr3t of metadata", "expires_in": 3599, "token_type": "Bearer"})

    def google_sts(self):
        form = self.form("grant_type", "audience", "scope", "requested_token_type", "subject_token_type",
                         "subject_token")
        check("grant", form["grant_type"], "urn:ietf:params:oauth:grant-type:token-exchange")
        check("wanted", form["requested_token_type"], "urn:ietf:params:oauth:token-type:access_token")
        check("scope", form["scope"], "https://www.googleapis.com/auth/cloud-platform")
        check("kind", form["subject_token_type"], "urn:ietf:params:oauth:token-type:jwt")
        check("subject", form["subject_token"], SUBJECT)
        audience = form["audience"]
        if "denied" in audience:
            self.answer(400, {"error": "invalid_grant", "error_description": f"not with {SUBJECT}"})
            return
        self.answer(200, {"access_token": f"s3cr3t of {audience}", "expires_in": max(life(audience), 0),
                          "issued_token_type": form["requested_token_type"], "token_type": "Bearer"})

    def impersonate(self, account):
        check("content type", self.headers["Content-Type"], "application/json")
        check("body", json.loads(self.body),
              {"scope": ["https://www.googleapis.com/auth/cloud-platform"], "lifetime": "3600s"})
        check("who", self.headers["Authorization"], "Bearer s3cr3t of //iam/pool")
        if "denied" in account:
            self.answer(403, {"error": {"code": 403, "status": "PERMISSION_DENIED", "message": "not with s3cr3t"}})
            return
        end = datetime.datetime.now(datetime.timezone.utc) + datetime.timedelta(seconds=life(account))
        self.answer(200, {"accessToken": f"s3cr3t as {account}", "expireTime": end.strftime("%Y-%m-%dT%H:%M:%SZ")})

    # -- Azure --

    def entra(self, tenant):
        form = self.form("client_id", "scope", "grant_type", "client_assertion_type", "client_assertion")
        check("grant", form["grant_type"], "client_credentials")
        check("kind", form["client_assertion_type"], "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        check("assertion", form["client_assertion"], SUBJECT)
        check("scope", form["scope"], "https://containerregistry.azure.net/.default")
        if "denied" in form["client_id"]:
            self.answer(401, {"error": "unauthorized_client", "error_description": f"not with {SUBJECT}"})
            return
        self.answer(200, {"token_type": "Bearer", "expires_in": 3599,
                          "access_token": f"s3cr3t of {form['client_id']} in {tenant}"})

    def acr(self):
        form = self.form("grant_type", "service", "tenant", "access_token")
        check("grant", form["grant_type"], "access_token")
        check("token", form["access_token"].endswith(f" in {form['tenant']}"), True)
        service = form["service"]
        if "denied" in service:
            self.answer(401, {"errors": [{"code": "UNAUTHORIZED", "message": "not with s3cr3t"}]})
        elif "opaque" in service:
            self.answer(200, {"refresh_token": "s3cr3t opaque"})
        else:
            self.answer(200, {"refresh_token": jwt({"sub": "?>" + service, "exp": int(time.time()) + life(service)})})

    # -- all --

    def act(self):
        path = urllib.parse.unquote(self.path)
        if path == "/" and "X-Amz-Target" in self.headers:
            return "ecr", self.ecr
        if path.startswith("/as/"):
            return "impersonate", lambda: self.impersonate(path[4:])
        if path.endswith("/oauth2/v2.0/token"):
            return "entra", lambda: self.entra(urllib.parse.unquote(self.path.split("/")[1]))
        return {"/": ("sts", self.sts), "/v1/token": ("google", self.google_sts), "/oauth2/exchange": ("acr", self.acr),
                "/computeMetadata/v1/instance/service-accounts/default/token": ("metadata", self.metadata),
                }.get(path, ("other", lambda: self.answer(404, "")))

    def handle_request(self):
        self.body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/counts":
            self.answer(200, counts)
            return
        name, act = self.act()
        counts[name] = counts.get(name, 0) + 1
        try:
            act()
        except (Wrong, ValueError, KeyError, TypeError, AttributeError) as problem:
            print(f"{name}: {problem!r}", file=sys.stderr)
            self.answer(418, "")

    do_GET = do_POST = handle_request


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
if sys.argv[1:]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(*sys.argv[1:])
    server.socket = context.wrap_socket(server.socket, server_side=True)
print(server.server_address[1], flush=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
sys.stdin.read()

"""Registries of clouds, asked as who the platform says that we are: real registries that let in whoever shows what the
cloud's token service gave for the platform's token. The names are those of the clouds; names.c leads them here."""
import base64
import collections
import json
import ssl
import subprocess
import sys
import urllib.request

import pytest

import asking
import images
import names
import registries
from hostile import NAME, TAG, Hostile
from pratique_server import BINARY, Authority, Server, review

SUBJECT = "eyJ.platform+/=&token"  # of tests/unit/credentials/clouds.py
ECR = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
STS, API, VPC = "sts.us-east-1.amazonaws.com", "api.ecr.us-east-1.amazonaws.com", "vpce-1.sts.us-east-1.vpce.amazonaws.com"
PKG, METADATA = "europe-docker.pkg.dev", "metadata.google.internal"
ACR, LOGIN, EXCHANGE = "opaque.azurecr.io", "login.microsoftonline.com", "exchange.example.com"
ROLE = "arn:aws:iam::123456789012:role/"

POLICY = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: pinned}
spec:
  rules: [{name: registries, allow: ["**"]}, {name: digest, require: [digest]}]
  mutate: {resolveDigest: true}
"""


class Clouds:
    """The token services, over TLS or in the clear."""

    def __init__(self, authority=None):
        self.authority = authority
        pair = authority.sign("clouds", usage="serverAuth\nsubjectAltName=" + ",".join(
            "DNS:" + name for name in (STS, API, VPC, LOGIN, EXCHANGE, "localhost"))) if authority else ()
        self.process = subprocess.Popen([sys.executable, registries.ROOT / "tests/unit/credentials/clouds.py", *map(str, pair)],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.port = int(self.process.stdout.readline())

    def asked(self):
        """How often each service was."""
        context = ssl.create_default_context(cafile=self.authority.certificate) if self.authority else None
        url = f"http{'s' if self.authority else ''}://localhost:{self.port}/counts"
        with urllib.request.urlopen(url, timeout=30, context=context) as answer:
            return collections.Counter(json.load(answer))

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("clouds")


@pytest.fixture(scope="module")
def clouds(folder):
    clouds = Clouds(Authority(folder, "clouds-ca"))
    yield clouds
    clouds.close()


@pytest.fixture(scope="module")
def inside(folder):
    """The metadata server."""
    clouds = Clouds()
    yield clouds
    clouds.close()


@pytest.fixture(scope="module")
def token(folder):
    (folder / "token").write_text(SUBJECT + "\n")
    return folder / "token"


@pytest.fixture(scope="module")
def registry_of(need, made, tmp_path_factory):
    """A registry of this name, for who has this user and password; it holds "private"."""
    need("distribution")
    started = []

    def give(name, user, password, access="htpasswd", realm=None):
        folder = tmp_path_factory.mktemp("cloud")
        store = registries.start("distribution", folder)  # open, while it is filled
        started.append(store)
        images.push(store, made["index"], "private")
        store.close()
        registry = registries.Registry("distribution", folder, access, True, (user, password), (name,))
        started.append(registry)
        if realm:
            registry.tokens.realm = realm
        return registry.start()

    yield give
    for registry in started:
        registry.close()


@pytest.fixture(scope="module")
def amazon(registry_of):
    return registry_of(ECR, "AWS", "s3cr3t of us-east-1")


@pytest.fixture
def trusted(folder, clouds):
    """A file of the authorities of these registries and of the clouds."""
    def trusted(*of):
        path = folder / "authorities.crt"
        path.write_text("".join(one.read_text() for one in (clouds.authority.certificate, *(registry.ca for registry in of))))
        return path
    return trusted


@pytest.fixture
def new_server(tmp_path):
    servers = []

    def new_server(environment, **said):
        server = Server(tmp_path, environment, registries={"failures": "0s", "tags": "0s", **said})
        server.write_policy(POLICY)
        servers.append(server)
        return server

    yield new_server
    for server in servers:
        if server.process.poll() is None:
            server.stop()
        log = server.log()
        assert "Sanitizer" not in log and "runtime error" not in log, log
        assert "s3cr3t" not in log and SUBJECT not in log, log


def ask(server, image):
    answer = server.post(review(image), "/mutate?timeout=20s")
    response = json.loads(answer.body)["response"]
    patch = json.loads(base64.b64decode(response.get("patch", "W10=")))
    return response["allowed"], response.get("status", {}).get("message"), [one["value"] for one in patch
                                                                                    if one["op"] != "test" and one["path"].endswith("/image")]


def identity(token, role="pull"):
    return {"AWS_ROLE_ARN": ROLE + role, "AWS_WEB_IDENTITY_TOKEN_FILE": str(token)}


def lead_amazon(folder, amazon, clouds, *more):
    return names.lead(folder, {f"{ECR}:443": amazon.port, **{f"{name}:443": clouds.port for name in (STS, API, *more)}})


def test_amazon(new_server, folder, clouds, amazon, token, trusted, made):
    before = clouds.asked()
    server = new_server({**lead_amazon(folder, amazon, clouds), **identity(token)}, clouds={"aws": {}}, ca=str(trusted(amazon))).start()
    for _ in range(3):
        assert ask(server, f"{ECR}/private:1.0") == (True, None, [f"{ECR}/private:1.0@{made['index'].digest}"])
    assert clouds.asked() - before == {"sts": 1, "ecr": 1}, "a token is good for a while"


def test_amazon_as_the_configuration_says(new_server, folder, clouds, amazon, token, trusted, made):
    """Nothing of it is in the environment; of the endpoints, which are of a private network, `hosts` says whom to trust."""
    own = {"role": ROLE + "configured", "tokenFile": str(token), "sts": f"https://{VPC}", "region": "us-east-1", "session": "gate"}
    server = new_server(lead_amazon(folder, amazon, clouds, VPC), clouds={"aws": own}, ca=str(amazon.ca),
                        hosts=[{"host": name, "ca": str(clouds.authority.certificate)} for name in (VPC, API)]).start()
    assert ask(server, f"{ECR}/private:1.0") == (True, None, [f"{ECR}/private:1.0@{made['index'].digest}"])


def test_amazon_denies(new_server, folder, clouds, amazon, token, trusted):
    server = new_server({**lead_amazon(folder, amazon, clouds), **identity(token, "denied")}, clouds={"aws": {}},
                        ca=str(trusted(amazon))).start()
    allowed, message, patched = ask(server, f"{ECR}/private:1.0")
    assert not allowed and not patched
    assert f"ECR, role {ROLE}denied: {STS}: 403 AccessDenied" in message and SUBJECT not in message


def test_no_other_registry_is_shown_it(new_server, folder, clouds, amazon, token, trusted, made):
    with Hostile(made["index"], "basic") as other:
        ports = lead_amazon(folder, amazon, clouds)
        ports["PRATIQUE_NAMES"] += f",{ECR}.evil.org:80={other.address.split(':')[1]}"
        server = new_server({**ports, **identity(token)}, clouds={"aws": {}}, ca=str(trusted(amazon)),
                            hosts=[{"host": ECR + ".evil.org", "plain": True}]).start()
        assert ask(server, f"{ECR}/private:1.0")[0]
        allowed, message, _ = ask(server, f"{ECR}.evil.org/{NAME}:{TAG}")
        assert not allowed and "none is known" in message
        assert other.steps() == ["challenge"] and "s3cr3t" not in other.heard


def test_google(new_server, folder, inside, registry_of, made):
    google = registry_of(PKG, "oauth2accesstoken", "s3cr3t of metadata")
    ports = names.lead(folder, {f"{PKG}:443": google.port, f"{METADATA}:80": inside.port})
    server = new_server(ports, clouds={"gcp": {}}, ca=str(google.ca)).start()
    assert ask(server, f"{PKG}/private:1.0") == (True, None, [f"{PKG}/private:1.0@{made['index'].digest}"])


def test_azure(new_server, folder, clouds, registry_of, token, trusted, made):
    """Its registries give tokens at their own name."""
    azure = registry_of(ACR, "00000000-0000-0000-0000-000000000000", "s3cr3t opaque", "token", f"https://{ACR}:8443/oauth2/token")
    ports = names.lead(folder, {f"{ACR}:443": azure.port, f"{ACR}:8443": azure.tokens.address.split(":")[1],
                                f"{LOGIN}:443": clouds.port, f"{EXCHANGE}:443": clouds.port})
    platform = {"AZURE_CLIENT_ID": "app", "AZURE_TENANT_ID": "tenant", "AZURE_FEDERATED_TOKEN_FILE": str(token),
                "AZURE_AUTHORITY_HOST": f"https://{LOGIN}/"}
    server = new_server({**ports, **platform}, clouds={"azure": {"registry": f"https://{EXCHANGE}"}}, ca=str(trusted(azure))).start()
    assert ask(server, f"{ACR}/private:1.0") == (True, None, [f"{ACR}/private:1.0@{made['index'].digest}"])


@pytest.mark.parametrize("cloud, problem", [
    ("aws", "aws: no role is given, and AWS_ROLE_ARN is not set"),
    ("azure", "azure: no client is given, and AZURE_CLIENT_ID is not set")])
def test_what_the_platform_did_not_give_is_said_at_the_start(new_server, cloud, problem):
    server = new_server({}, clouds={cloud: {}}).launch()
    assert server.wait() == 2
    assert "registries.clouds: " + problem in server.log()


def test_resolve(folder, clouds, amazon, token, trusted, made):
    environment = {**lead_amazon(folder, amazon, clouds), **identity(token)}
    outcome = resolve(environment, "--cloud", "aws", "--ca", trusted(amazon))
    assert outcome["digest"] == made["index"].digest and outcome["error"] is None
    outcome = resolve(environment, "--ca", trusted(amazon))
    assert outcome["error"] == f"{ECR}: it asks for a user name and a password, and none is known", "not unless it is asked for"


def resolve(environment, *options):
    _, text, _, _ = asking.run("image", "resolve", "--output", "json", *options, f"{ECR}/private:1.0", **environment)
    assert "s3cr3t" not in text
    return json.loads(text)


def test_inspect_says_who_was_shown(folder, clouds, amazon, token, trusted, made):
    environment = {**lead_amazon(folder, amazon, clouds), **identity(token)}
    code, text, _, _ = asking.run("image", "inspect", "--output", "json", "--cloud", "aws", "--ca", trusted(amazon),
                                  f"{ECR}/private:1.0", **environment)
    found = json.loads(text)
    assert code == 0 and found["source"]["credential"] == f"ECR, role {ROLE}pull" and "s3cr3t" not in text
    assert len(found["image"]["platforms"]) == 2


def test_a_command_without_the_environment():
    ran = subprocess.run([BINARY, "image", "resolve", "--cloud", "gcp", "--cloud", "azure", "nginx"], env={"HOME": "/nowhere"},
                         capture_output=True, text=True, check=False)
    assert ran.returncode == 2 and not ran.stdout
    assert "--cloud: azure: no client is given, and AZURE_CLIENT_ID is not set" in ran.stderr

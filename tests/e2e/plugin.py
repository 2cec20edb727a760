"""kube-apiserver with its ImagePolicyWebhook plugin on, and pratique beside it on a loopback address, as a static
Pod would be: everything that the API server reads is made by `pratique manifests`."""
import subprocess

import yaml

from cluster import Authority, Server, wait_until
from pratique_server import BINARY

HOST = "127.0.8.1"


def manifests(command, *arguments):
    """Run `pratique manifests COMMAND`; what it printed."""
    made = subprocess.run([BINARY, "manifests", command, *map(str, arguments)], capture_output=True, text=True)
    assert made.returncode == 0, made.stderr
    return made.stdout


def restart(cluster):
    """Start the API server again. It is killed: SIGTERM would wait for watches to end, for a minute."""
    process = cluster.processes.pop("kube-apiserver")
    process.kill()
    process.wait()
    cluster.start_api_server()


class Beside:
    """pratique on HOST, which answers to the client certificate of kube-apiserver alone; and its certificates."""

    def __init__(self, folder, host=HOST, common_name="kube-apiserver"):
        folder.mkdir(parents=True, exist_ok=True)
        self.folder, self.files, self.host, self.common_name = folder, folder / "files", host, common_name
        serving, self.clients = Authority(folder, "webhook-ca"), Authority(folder, "client-ca")
        self.ca = serving.certificate
        self.serving = serving.sign("pratique", usage="serverAuth", dns=f"pratique,IP:{host}")
        self.client = self.clients.sign(common_name)
        self.server = None

    def options(self):
        return ("--server", f"https://{self.host}:8443", "--ca", self.ca, "--client-certificate", self.client[0],
                "--client-key", self.client[1], "--client-name", self.common_name,
                "--client-ca", self.clients.certificate, "--out", self.files, "--force")

    def start(self, policy, **tls):
        """Start pratique with the part of its configuration that was made for it, or with another."""
        home = self.folder / "server"
        home.mkdir(exist_ok=True)
        made = yaml.safe_load((self.files / "serve.yaml").read_text())
        self.server = Server(home, address=self.host, listen={"address": self.host, "port": 8443},
                             tls={"certificate": str(self.serving[0]), "key": str(self.serving[1]), **made["tls"], **tls})
        self.server.write_policy(policy)
        return self.server.start()

    def stop(self):
        if self.server:
            self.server.stop()
            self.server = None

    def change_policy(self, policy):
        """Write another policy, and return when the server has it."""
        before = len(self.server.events("policies loaded"))
        self.server.write_policy(policy)
        wait_until(lambda: len(self.server.events("policies loaded")) > before, "the policy loaded")

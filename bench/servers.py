"""The servers that are compared: started in a folder of their own on one core, and measured."""
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time

HERE = pathlib.Path(__file__).resolve().parent
START_TIMEOUT = 20


def tool(name):
    """Where a program is; Debian keeps nginx out of users' PATH."""
    path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
    return path or sys.exit(f"bench: {name} is missing; scripts/setup --bench installs it")


def make_certificate(folder):
    subprocess.run(
        [tool("openssl"), "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256",
         "-nodes", "-days", "2", "-subj", "/CN=localhost", "-addext", "subjectAltName=IP:127.0.0.1",
         "-keyout", folder / "tls.key", "-out", folder / "tls.crt"],
        check=True, stderr=subprocess.DEVNULL)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def connect(folder, port):
    trust = ssl.create_default_context(cafile=folder / "tls.crt")
    return http.client.HTTPSConnection("127.0.0.1", port, context=trust, timeout=10)


def ask(connection, body):
    connection.request("POST", "/validate?timeout=10s", body, {"Content-Type": "application/json"})
    answer = connection.getresponse()
    return answer.status, answer.read()


class Server:
    """A running server: `process` is its root, `port` where it answers /validate over TLS."""

    def __init__(self, process, port):
        self.process = process
        self.port = port

    def processes(self):
        """The root and its children; nginx has a worker."""
        pids = [self.process.pid]
        for task in pathlib.Path(f"/proc/{self.process.pid}/task").glob("*/children"):
            pids += [int(pid) for pid in task.read_text().split()]
        return pids

    def cpu_seconds(self):
        # The clock of another process's CPU time; see clock_getcpuclockid(3).
        return sum(time.clock_gettime((~pid << 3) | 2) for pid in self.processes())

    def memory_kb(self, field):
        total = 0
        for pid in self.processes():
            for line in pathlib.Path(f"/proc/{pid}/status").read_text().splitlines():
                if line.startswith(field + ":"):
                    total += int(line.split()[1])
        return total

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        try:
            self.process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        for stream in (self.process.stdout, self.process.stderr):
            if stream is not None:
                stream.close()


def pinned(core, command):
    return [tool("taskset"), "-c", str(core), *map(str, command)]


def await_port(process, port):
    end = time.monotonic() + START_TIMEOUT
    while time.monotonic() < end and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.02)
    process.kill()
    sys.exit(f"bench: {process.args[3]} does not listen")


# -- pratique --

PRATIQUE = """apiVersion: pratique.dev/v1alpha1
kind: ServerConfiguration
listen: {{address: 127.0.0.1, port: 0}}
plain: {{address: 127.0.0.1, port: 0}}
tls: {{certificate: tls.crt, key: tls.key}}
policies: ["{policies}"]
limits: {{threads: 1}}
log: {{format: json}}
drain: {{delay: 0s}}
reload: 1h
{more}"""


def start_pratique(binary, folder, core, policies=HERE / "policy.yaml", audit=False, environment=None, more=""):
    """`more`: lines of the configuration."""
    name = "audited.yaml" if audit else "telling.yaml" if more else "serve.yaml"
    more += "audit: {path: audit.log}\n" if audit else ""
    (folder / name).write_text(PRATIQUE.format(policies=policies, more=more))
    process = subprocess.Popen(
        pinned(core, [binary, "serve", "--config", folder / name]), stderr=subprocess.PIPE, text=True,
        env={**os.environ, **(environment or {})})
    said = ""
    for line in process.stderr:
        said += line
        event = json.loads(line) if line.startswith("{") else {"message": line}
        if event["message"] == "ready":
            server = Server(process, event["port"])
            server.plain_port = event["plainPort"]
            return server
    return sys.exit(f"bench: pratique ended with {process.wait()}: {said}")


def empty_audit_log(folder):
    """The log is appended to, so that it can be emptied at any time; it would fill a small disk."""
    if (folder / "audit.log").exists():
        os.truncate(folder / "audit.log", 0)


def time_start(binary, folder, core):
    """Milliseconds from before the process is made until /readyz answers 200."""
    began = time.perf_counter()
    server = start_pratique(binary, folder, core)
    probe = http.client.HTTPConnection("127.0.0.1", server.plain_port, timeout=10)
    probe.request("GET", "/readyz")
    status = probe.getresponse().status
    took = (time.perf_counter() - began) * 1000
    probe.close()
    server.stop()
    if status != 200:
        sys.exit(f"bench: /readyz answered {status} after \"ready\" was logged")
    return took


# -- nginx: the same bytes, unread and undecided --

NGINX = """worker_processes 1;
daemon off;
{user}pid nginx.pid;
error_log nginx.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi; scgi_temp_path scgi;
    keepalive_timeout 150s;
    keepalive_requests 1000000000;
    client_header_buffer_size 8k;
    default_type application/json;
    server {{
        listen 127.0.0.1:{port} ssl;
        ssl_certificate tls.crt;
        ssl_certificate_key tls.key;
        ssl_protocols TLSv1.3;
        ssl_conf_command Ciphersuites TLS_AES_128_GCM_SHA256;
        location = /validate {{ return 200 '{answer}'; }}
    }}
}}
"""


def start_nginx(folder, core, answer):
    text = answer.decode()
    if "$" in text:
        sys.exit("bench: nginx would take the \"$\" in the answer for a variable")
    port = free_port()
    (folder / "nginx.conf").write_text(NGINX.format(
        port=port, user="user root;\n" if os.getuid() == 0 else "",
        answer=text.replace("\\", "\\\\").replace("'", "\\'")))
    log = (folder / "nginx.log").open("ab")
    process = subprocess.Popen(
        pinned(core, [tool("nginx"), "-p", folder, "-c", folder / "nginx.conf", "-e", "nginx.log"]),
        stderr=log)
    log.close()
    await_port(process, port)
    return Server(process, port)


# -- Flask --

def start_flask(folder, core, keep_alive):
    port = free_port()
    command = ["/usr/bin/python3", "-B", HERE / "flask_server.py", folder / "tls.crt",
               folder / "tls.key", port]
    process = subprocess.Popen(pinned(core, command + (["--keep-alive"] if keep_alive else [])),
                               stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    await_port(process, port)
    return Server(process, port)

"""Runs the Pods of a cluster as processes, in place of a scheduler, a kubelet and a container runtime, which cannot
run where no container can be started. Everything else about a Deployment is real: its controller makes and replaces
Pods, the endpoint controller follows their readiness, the API server reaches them through their Service.

A Pod is one container. It has a network namespace with an address of its own, a root of its own that is read-only
if it says so, its volumes (ConfigMaps and Secrets are kept up to date by the rename of `..data`, as a kubelet does),
its user, no capability; it is probed, restarted when it ends, and told to end by SIGTERM with its grace period."""
import base64
import contextlib
import http.client
import itertools
import os
import pathlib
import shutil
import signal
import subprocess
import threading
import time

from cluster import Failure

NODE = "one"
TOKEN_SECONDS = 3600

# What stands in for unpacking an image: the host's libraries, read-only, and the binary as /usr/bin/pratique.
# $1 root, $2 binary, $3 a list of FROM TO lines; then the user, the group and the command.
SANDBOX = r"""
set -eu
root=$1 binary=$2 binds=$3 user=$4 group=$5 writable=$6
shift 6
mount -t tmpfs -o mode=755 tmpfs "$root"
mkdir -p "$root/usr" "$root/proc" "$root/dev" "$root/etc" "$root/opt/pratique"
mount --rbind -o ro /usr "$root/usr"
for name in lib lib64 bin; do [ ! -e /$name ] || ln -s usr/$name "$root/$name"; done
for name in /etc/ssl /etc/nsswitch.conf /etc/passwd /etc/group; do cp -rL $name "$root/etc/"; done
mount -t proc proc "$root/proc"
mount --rbind /dev "$root/dev"
touch "$root/opt/pratique/pratique"
mount --bind "$binary" "$root/opt/pratique/pratique"
while read -r from to mode; do
    [ -n "$from" ] || continue
    mkdir -p "$root$to"
    mount --bind "$from" "$root$to"
    [ "$mode" = rw ] || mount -o remount,bind,ro "$root$to"
done <"$binds"
[ "$writable" = yes ] || mount -o remount,ro "$root"
exec chroot "$root" setpriv --reuid "$user" --regid "$group" --clear-groups --no-new-privs \
    --bounding-set=-all --inh-caps=-all /opt/pratique/pratique "$@"
"""


def run(*command):
    subprocess.run([*map(str, command)], check=True, stdout=subprocess.DEVNULL)


class Kubelet:
    """Runs the Pods of the given namespaces."""

    def __init__(self, cluster, binary, namespaces):
        self.cluster, self.binary, self.namespaces = cluster, pathlib.Path(binary).absolute(), namespaces
        self.folder = cluster.folder / "kubelet"
        self.pods, self.stopping = {}, threading.Event()
        self.addresses = itertools.count(100)
        self.failure = None
        self.broken = False  # while it is, no container starts: a node that cannot pull, say
        self.bridge = f"nodes{cluster.number}"

    def start(self):
        self.folder.mkdir()
        run("ip", "link", "add", self.bridge, "type", "bridge")
        run("ip", "address", "add", f"{self.cluster.network}.254/24", "dev", self.bridge)
        run("ip", "link", "set", self.bridge, "up")
        self.cluster.create("/api/v1/nodes", {
            "apiVersion": "v1", "kind": "Node",
            "metadata": {"name": NODE, "labels": {"kubernetes.io/hostname": NODE}}})
        self.thread = threading.Thread(target=self._loop, daemon=True)
        self.thread.start()
        return self

    def stop(self):
        self.stopping.set()
        self.thread.join()
        for pod in self.pods.values():
            pod.kill()
        assert self.failure is None, self.failure

    def outage(self):
        """End all containers at once, and let none start until `broken` is false again."""
        self.broken = True
        for pod in list(self.pods.values()):
            if pod.process:
                pod.process.kill()

    def processes(self, namespace):
        """The running Pods of a namespace, by name."""
        return {pod.name: pod for pod in list(self.pods.values())
                if pod.namespace == namespace and pod.process and pod.process.poll() is None}

    def _loop(self):
        try:
            while not self.stopping.is_set():
                with contextlib.suppress(OSError, Failure):  # the API server may be away for a while
                    self._step()
                time.sleep(0.2)
        except Exception as failure:  # told by stop(), in the thread of the test
            self.failure = failure
            raise

    def _step(self):
        seen = set()
        for namespace in self.namespaces:
            for pod in self.cluster.api("GET", f"/api/v1/namespaces/{namespace}/pods")["items"]:
                if not pod["spec"].get("nodeName"):
                    self._bind(pod)
                    continue
                uid = pod["metadata"]["uid"]
                seen.add(uid)
                if uid not in self.pods:
                    address = f"{self.cluster.network}.{next(self.addresses)}"
                    self.pods[uid] = RunningPod(self, pod, address)
                self.pods[uid].step(pod)
        for uid in set(self.pods) - seen:
            self.pods.pop(uid).kill()

    def _bind(self, pod):
        meta = pod["metadata"]
        self.cluster.create(f"/api/v1/namespaces/{meta['namespace']}/pods/{meta['name']}/binding", {
            "apiVersion": "v1", "kind": "Binding", "metadata": {"name": meta["name"]},
            "target": {"apiVersion": "v1", "kind": "Node", "name": NODE}})


class RunningPod:
    def __init__(self, kubelet, pod, address):
        self.kubelet, self.cluster, self.address = kubelet, kubelet.cluster, address
        self.name, self.namespace = pod["metadata"]["name"], pod["metadata"]["namespace"]
        self.folder = kubelet.folder / pod["metadata"]["uid"]
        self.volumes = Volumes(self.cluster, pod, self.folder / "volumes")
        self.log_path = self.folder / "log"
        self.process, self.restarts, self.ready, self.told = None, -1, False, None
        self.failed_probes = self.term_sent = 0
        self.network_namespace = f"pod-{kubelet.cluster.number}-{address.rsplit('.')[-1]}"
        self._network()

    def log(self):
        return self.log_path.read_text(errors="replace") if self.log_path.exists() else ""

    def _network(self):
        name, link = self.network_namespace, "v" + self.network_namespace[4:]
        run("ip", "netns", "add", name)
        run("ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", name)
        run("ip", "link", "set", link, "master", self.kubelet.bridge, "up")
        for command in (("link", "set", "lo", "up"), ("link", "set", "eth0", "up"),
                        ("address", "add", self.address + "/24", "dev", "eth0"),
                        ("route", "add", "default", "via", self.cluster.network + ".254")):
            run("ip", "-n", name, *command)

    # -- one look at the Pod --

    def step(self, pod):
        if pod["metadata"].get("deletionTimestamp"):
            self._end(pod)
            return
        if not self.volumes.update():
            return  # a Secret or ConfigMap that is not there yet
        container = pod["spec"]["containers"][0]
        if self.process is None or self.process.poll() is not None:
            if self.kubelet.broken:
                self.ready = False
                self._tell(container)
                return
            self.restarts += 1
            self._launch(pod)
        self.ready = self._probe(container, "readinessProbe")
        self._liveness(container)
        self._tell(container)

    def _launch(self, pod):
        spec, container = pod["spec"], pod["spec"]["containers"][0]
        security = {**spec.get("securityContext", {}), **container.get("securityContext", {})}
        user = str(security.get("runAsUser", 65532))
        root, binds = self.folder / "root", self.folder / "binds"
        root.mkdir(parents=True, exist_ok=True)
        binds.write_text("".join(
            f"{self.volumes.path(mount['name'])} {mount['mountPath']} {self.volumes.mode(mount)}\n"
            for mount in container.get("volumeMounts", [])))
        environment = {"PATH": "/usr/sbin:/usr/bin", "KUBERNETES_SERVICE_HOST": self.cluster.address,
                       "KUBERNETES_SERVICE_PORT": "6443"}
        for name in ("ASAN_OPTIONS", "UBSAN_OPTIONS", "TSAN_OPTIONS"):
            if name in os.environ:
                environment[name] = os.environ[name]
        for one in container.get("env", []):
            field = one.get("valueFrom", {}).get("fieldRef", {}).get("fieldPath")
            environment[one["name"]] = {"metadata.name": self.name, "metadata.namespace": self.namespace,
                                        "status.podIP": self.address, None: one.get("value", "")}[field]
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                ["ip", "netns", "exec", self.network_namespace, "unshare", "--mount", "--", "sh", "-c", SANDBOX,
                 "sandbox", root, self.kubelet.binary, binds, user, str(security.get("runAsGroup", user)),
                 "no" if security.get("readOnlyRootFilesystem") else "yes", *container.get("args", [])],
                stdout=log, stderr=log, env=environment)

    def _probe(self, container, name):
        probe = container.get(name, {}).get("httpGet")
        if not probe:
            return self.process.poll() is None
        ports = {port.get("name"): port["containerPort"] for port in container.get("ports", [])}
        connection = http.client.HTTPConnection(self.address, ports.get(probe["port"], probe["port"]), timeout=1)
        try:
            connection.request("GET", probe["path"])
            return connection.getresponse().status < 400
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _liveness(self, container):
        """Restarts what was once ready and fails its liveness probe three times in a row."""
        if not self.ready or self._probe(container, "livenessProbe"):
            self.failed_probes = 0
            return
        self.failed_probes += 1
        if self.failed_probes >= 3:
            self.process.kill()

    def _tell(self, container):
        """Write the Pod's status, when it is another than was told before."""
        state = (self.ready, self.restarts)
        if state == self.told:
            return
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        conditions = [{"type": kind, "status": "True" if self.ready or kind in ("Initialized", "PodScheduled")
                       else "False", "lastTransitionTime": now}
                      for kind in ("PodScheduled", "Initialized", "ContainersReady", "Ready")]
        self.cluster.api("PATCH", f"/api/v1/namespaces/{self.namespace}/pods/{self.name}/status", {"status": {
            "phase": "Running", "podIP": self.address, "podIPs": [{"ip": self.address}],
            "startTime": now, "conditions": conditions,
            "containerStatuses": [{
                "name": container["name"], "image": container["image"], "imageID": container["image"],
                "ready": self.ready, "restartCount": max(self.restarts, 0), "started": self.ready,
                "state": {"running": {"startedAt": now}}}]}},
            content_type="application/strategic-merge-patch+json")
        self.told = state

    # -- its end --

    def _end(self, pod):
        if self.process and self.process.poll() is None:
            now = time.monotonic()
            if not self.term_sent:
                self.term_sent = now
                self.process.send_signal(signal.SIGTERM)
            elif now - self.term_sent > pod["metadata"].get("deletionGracePeriodSeconds", 30):
                self.process.kill()
            self.ready = self._probe(pod["spec"]["containers"][0], "readinessProbe")
            self._tell(pod["spec"]["containers"][0])
            return
        self.cluster.api("DELETE", f"/api/v1/namespaces/{self.namespace}/pods/{self.name}",
                         {"apiVersion": "v1", "kind": "DeleteOptions", "gracePeriodSeconds": 0})

    def kill(self):
        """End it at once, as the end of its node would."""
        if self.process:
            self.process.kill()
            self.process.wait()
            self.process = None
        subprocess.run(["ip", "netns", "delete", self.network_namespace], check=False, stderr=subprocess.DEVNULL)


class Volumes:
    """The volumes of one Pod in a folder, each a folder by its name."""

    def __init__(self, cluster, pod, folder):
        self.cluster, self.pod, self.folder = cluster, pod, folder
        self.namespace = pod["metadata"]["namespace"]
        self.sources = {volume["name"]: volume for volume in pod["spec"].get("volumes", [])}
        self.written, self.token, self.versions = {}, None, itertools.count()
        self.looked = 0.0

    def path(self, name):
        return self.folder / name

    def mode(self, mount):
        """ConfigMaps, Secrets and tokens cannot be written to, whatever the mount says."""
        return "rw" if "emptyDir" in self.sources[mount["name"]] and not mount.get("readOnly") else "ro"

    def update(self):
        """Write what changed, once a second; False if something that is needed is not there."""
        if self.written and time.monotonic() - self.looked < 1:
            return True
        self.looked = time.monotonic()
        for name, volume in self.sources.items():
            content = self._content(volume)
            if content is None:
                return False
            if "emptyDir" in volume:
                self._make_empty(self.path(name))
            elif self.written.get(name) != content:
                self._write(self.path(name), content)
                self.written[name] = content
        return True

    def _content(self, volume):
        """File names and bytes; None if it is not there and not optional."""
        if "emptyDir" in volume:
            return {}
        if "configMap" in volume:
            return self._object("configmaps", volume["configMap"], "name")
        if "secret" in volume:
            return self._object("secrets", volume["secret"], "secretName")
        content = {}
        for source in volume["projected"]["sources"]:
            part = self._projected(source)
            if part is None:
                return None
            content.update(part)
        return content

    def _projected(self, source):
        if "configMap" in source:
            return self._object("configmaps", source["configMap"], "name")
        if "secret" in source:
            return self._object("secrets", source["secret"], "name")
        if "downwardAPI" in source:
            return {item["path"]: self.namespace.encode() for item in source["downwardAPI"]["items"]}
        return {source["serviceAccountToken"]["path"]: self._token(source["serviceAccountToken"])}

    def _object(self, plural, source, key):
        found = self.cluster.exists(f"/api/v1/namespaces/{self.namespace}/{plural}/{source[key]}")
        if found is None:
            return {} if source.get("optional") else None
        data = found.get("data") or {}
        if plural == "secrets":
            data = {name: base64.b64decode(value) for name, value in data.items()}
        else:
            data = {name: value.encode() for name, value in data.items()}
        if items := source.get("items"):
            return {item["path"]: data[item["key"]] for item in items}
        return data

    def _token(self, source):
        if self.token is None:
            spec, meta = self.pod["spec"], self.pod["metadata"]
            answer = self.cluster.create(
                f"/api/v1/namespaces/{self.namespace}/serviceaccounts/{spec['serviceAccountName']}/token", {
                    "apiVersion": "authentication.k8s.io/v1", "kind": "TokenRequest", "spec": {
                        "expirationSeconds": source.get("expirationSeconds", TOKEN_SECONDS),
                        "audiences": [source["audience"]] if "audience" in source else [],
                        "boundObjectRef": {"apiVersion": "v1", "kind": "Pod", "name": meta["name"],
                                           "uid": meta["uid"]}}})
            self.token = answer["status"]["token"].encode()
        return self.token

    def _make_empty(self, folder):
        """As kubelets do: of the Pod's group, and writable for it."""
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, -1, self.pod["spec"].get("securityContext", {}).get("fsGroup", 0))
        folder.chmod(0o2777)

    def _write(self, folder, content):
        folder.mkdir(parents=True, exist_ok=True)
        data = folder / f"..{next(self.versions)}"
        for name, text in content.items():
            path = data / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text)
        data.mkdir(exist_ok=True)
        old = folder / "..data"
        before = os.readlink(old) if old.is_symlink() else None
        (folder / "..new").symlink_to(data.name)
        os.rename(folder / "..new", old)
        for name in {name.split("/")[0] for name in content}:
            if not (folder / name).is_symlink():
                (folder / name).symlink_to(f"..data/{name}")
        for path in folder.iterdir():
            if path.is_symlink() and not path.name.startswith("..") and not path.exists():
                path.unlink()
        if before:
            shutil.rmtree(folder / before)

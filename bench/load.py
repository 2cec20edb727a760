"""The reviews that are asked, the load that asks them, and what is measured in process."""
import json
import pathlib
import struct
import subprocess
import sys

import servers

ROOT = servers.HERE.parent
CORPUS = ROOT / "tests/vectors/k8s-workloads/admissionreviews.ndjson"
NAME = ("istio-system", "jaeger")  # its size is the median of the corpus; its image names docker.io


def real_deployment():
    """The review that all servers are asked."""
    for line in CORPUS.read_text().splitlines():
        request = json.loads(line)["request"]
        if request["kind"]["kind"] == "Deployment" and (request["namespace"], request["name"]) == NAME:
            return line.encode()
    return sys.exit(f"bench: {CORPUS} has no Deployment {'/'.join(NAME)}")


def pod_of(review):
    """The review of a Pod that the Deployment would make."""
    review = json.loads(review)
    request = review["request"]
    template = request["object"]["spec"]["template"]
    pod = {"group": "", "version": "v1", "kind": "Pod"}
    resource = {"group": "", "version": "v1", "resource": "pods"}
    request.update(kind=pod, requestKind=pod, resource=resource, requestResource=resource)
    request["object"] = {"apiVersion": "v1", "kind": "Pod", "spec": template["spec"],
                         "metadata": {**template["metadata"], "name": request["name"]}}
    return json.dumps(review, separators=(",", ":")).encode()


def run_wrk(server, core, body, connections, seconds, pause=0, path="/validate"):
    """One round. Returns what load.lua prints, and the CPU time that the server took."""
    before = server.cpu_seconds()
    done = subprocess.run(
        servers.pinned(core, [servers.tool("wrk"), "-t1", f"-c{connections}", f"-d{seconds}s",
                              "-s", servers.HERE / "load.lua", f"https://127.0.0.1:{server.port}",
                              "--", body, path, pause]),
        capture_output=True, text=True, check=False)
    spent = server.cpu_seconds() - before
    if done.returncode != 0:
        sys.exit(f"bench: wrk failed: {done.stdout}{done.stderr}")
    result = json.loads(done.stdout.splitlines()[-1])
    if result["reviews"] == 0 or result["refused"] or result["broken"]:
        sys.exit(f"bench: not every request was answered: {result}")
    result["per_second"] = result["reviews"] / result["seconds"]
    result["cpu_us"] = spent / result["reviews"] * 1e6
    result["core_used"] = spent / result["seconds"]
    return result


def run_decide(build, core, policies, rounds, count=False):
    command = servers.pinned(core, [build / "bench/decide", policies, CORPUS, rounds])
    environment = {"LD_PRELOAD": str(build / "bench/libcount_malloc.so")} if count else None
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    if done.returncode != 0:
        sys.exit(f"bench: {done.stderr}")
    return json.loads(done.stdout)


def count_allocations(build, folder, core, body, reviews):
    """Calls for memory, and bytes, per review of the whole server: HTTP, TLS and review."""
    file = folder / "allocations"
    server = servers.start_pratique(
        build / "pratique", folder, core,
        environment={"LD_PRELOAD": str(build / "bench/libcount_malloc.so"),
                     "COUNT_MALLOC_FILE": str(file)})
    connection = servers.connect(folder, server.port)
    marks = []
    for n in (100, reviews):  # the first hundred fill what is kept from one review to the next
        for _ in range(n):
            servers.ask(connection, body)
        marks.append(struct.unpack("QQ", file.read_bytes()))
    connection.close()
    server.stop()
    return [(after - before) / reviews for before, after in zip(*marks)]


def check_answer(folder, server, body, allowed=True):
    """One review; returns the answer, which must admit, or deny, under its uid."""
    connection = servers.connect(folder, server.port)
    status, answer = servers.ask(connection, body)
    connection.close()
    response = json.loads(answer)["response"] if status == 200 else {}
    if response.get("allowed") is not allowed or response["uid"] != json.loads(body)["request"]["uid"]:
        sys.exit(f"bench: unexpected answer {status} {answer!r}")
    return answer


def write_body(folder, name, body):
    (folder / name).write_bytes(body)
    return pathlib.Path(folder / name)

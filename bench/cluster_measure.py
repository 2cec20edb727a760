"""Three replicas, installed by the chart in a real cluster (tests/e2e), while Pods are created one after the other:
without the webhook, with 10 policies and with 1,000, in rounds that take turns. Writes bench/cluster.md."""
import argparse
import datetime
import http.client
import json
import os
import pathlib
import re
import ssl
import statistics
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parents[1]
sys.path.append(str(ROOT / "tests/e2e"))

from cluster import Cluster  # noqa: E402
from installed import POLICY, Installed  # noqa: E402

import policies as others  # noqa: E402

IMAGE = "registry.example.com/shop/web:1.0"
HISTOGRAM = "apiserver_admission_webhook_admission_duration_seconds"
WEBHOOK = 'name="images.pratique.dev"'
SETTINGS = ("none", 10, 1000)


def say(text):
    print(f"bench: {text}", file=sys.stderr)


def policies(count):
    """One policy that covers every image, and others as a large cluster has them; as files of the chart."""
    return {"baseline.yaml": POLICY, "others.yaml": "---\n".join(map(others.other, range(count - 1)))}


def quantile(sorted_values, q):
    return sorted_values[min(len(sorted_values) - 1, int(q * len(sorted_values)))]


class Histogram:
    """What the API server's own histogram counted between two looks."""

    def __init__(self, cluster):
        self.cluster, self.before = cluster, self._read(cluster)

    @staticmethod
    def _read(cluster):
        series = {}
        for name, value in cluster.metrics(HISTOGRAM).items():
            if WEBHOOK in name and 'operation="CREATE"' in name:
                kind = re.match(HISTOGRAM + r"_(\w+)\{", name).group(1)
                bound = re.search(r'le="([^"]+)"', name)
                key = (kind, bound and float(bound.group(1)))
                series[key] = series.get(key, 0) + value
        return series

    def difference(self):
        now = self._read(self.cluster)
        return {key: value - self.before.get(key, 0) for key, value in now.items()}

    @staticmethod
    def quantile(counted, q):
        """As Prometheus' histogram_quantile: linear within a bucket."""
        buckets = sorted((bound, count) for (kind, bound), count in counted.items() if kind == "bucket")
        goal, low, below = q * buckets[-1][1], 0.0, 0.0
        for bound, count in buckets:
            if count >= goal:
                return low + (bound - low) * (goal - below) / max(count - below, 1e-9)
            low, below = bound, count
        return low


class Bench:
    def __init__(self, folder, plan):
        self.plan, self.numbers = plan, 0
        self.cluster = Cluster(folder).start()
        self.installed = Installed(self.cluster, {"policies": policies(10)})
        self.namespace = self.cluster.namespace()
        self.latencies = {setting: [] for setting in SETTINGS}
        self.counted = {setting: {} for setting in SETTINGS}

    def use(self, setting):
        if setting == "none":
            self.installed.upgrade({"validating": {"enabled": False}})
            self._until(lambda: self.installed.create("not-allowed.example.net/x:1").returncode == 0)
            return
        self.installed.upgrade({"validating": {"enabled": True}, "policies": policies(setting)})
        self._until(lambda: "denied the request" in self.installed.create("not-allowed.example.net/x:1").stderr)
        self._until(lambda: all(f'"policies":{setting},' in pod.log().rsplit("policies loaded", 1)[-1]
                                for pod in self.installed.pods().values()))

    @staticmethod
    def _until(true):
        while not true():
            time.sleep(0.2)

    def create(self, count):
        """Creates Pods one after the other over one connection; returns the seconds that each took."""
        connection = http.client.HTTPSConnection(
            self.cluster.address, 6443, context=ssl.create_default_context(cafile=self.cluster.ca))
        seconds = []
        for _ in range(count):
            self.numbers += 1
            body = json.dumps({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": f"pod-{self.numbers}"},
                               "spec": {"containers": [{"name": "app", "image": IMAGE}]}})
            began = time.perf_counter()
            connection.request("POST", f"/api/v1/namespaces/{self.namespace}/pods?dryRun=All", body, {
                "Content-Type": "application/json", "Authorization": "Bearer admin-token"})
            answer = connection.getresponse()
            text = answer.read()
            seconds.append(time.perf_counter() - began)
            assert answer.status == 201, text
        connection.close()
        return seconds

    def round(self, setting):
        self.use(setting)
        self.create(20)
        histogram = Histogram(self.cluster)
        self.latencies[setting] += self.create(self.plan["creates"])
        if setting != "none":
            for key, value in histogram.difference().items():
                self.counted[setting][key] = self.counted[setting].get(key, 0) + value

    def rss(self):
        return [int(re.search(r"VmRSS:\s*(\d+)", pathlib.Path(f"/proc/{pod.process.pid}/status").read_text()).group(1))
                for pod in self.installed.pods().values()]

    def roll(self):
        began = time.perf_counter()
        self.installed.kubectl("rollout", "restart", "deployment/pratique")
        self.installed.rolled_out()
        return time.perf_counter() - began


def measure(folder, plan):
    bench = Bench(folder, plan)
    memory = {}
    for number in range(plan["rounds"]):
        for setting in SETTINGS:
            say(f"round {number + 1} of {plan['rounds']}: {setting} policies")
            bench.round(setting)
            memory[setting] = bench.rss()
    say("rolling restarts")
    rolls = [bench.roll() for _ in range(plan["rolls"])]
    bench.installed.stop()
    bench.cluster.stop()
    return bench, memory, rolls


def report(bench, memory, rolls):
    lines = [
        "# What pratique adds in a cluster", "",
        f"Made by `bench/cluster` on {datetime.date.today()}: Kubernetes {bench.cluster.version}, three replicas, all on "
        f"one machine with {os.cpu_count()} CPUs, which etcd, the API server and the controllers share. The ratios "
        "within this run mean something; the milliseconds depend on the machine.", "",
        "| | no webhook | 10 policies | 1,000 policies |", "|---|---|---|---|"]
    sorted_ = {setting: sorted(values) for setting, values in bench.latencies.items()}
    for q, name in ((0.5, "p50"), (0.99, "p99")):
        lines.append(f"| creating a Pod, {name}, ms | " + " | ".join(
            f"{quantile(sorted_[setting], q) * 1000:.2f}" for setting in SETTINGS) + " |")
    base = quantile(sorted_["none"], 0.5)
    lines.append("| creating a Pod, p50, ratio | 1 | " + " | ".join(
        f"{quantile(sorted_[setting], 0.5) / base:.2f}" for setting in SETTINGS[1:]) + " |")
    for q, name in ((0.5, "p50"), (0.99, "p99")):
        lines.append(f"| the API server's histogram, {name}, ms | | " + " | ".join(
            f"{Histogram.quantile(bench.counted[setting], q) * 1000:.2f}" for setting in SETTINGS[1:]) + " |")
    lines.append("| the API server's histogram, mean, ms | | " + " | ".join(
        f"{bench.counted[setting][('sum', None)] / bench.counted[setting][('count', None)] * 1000:.2f}"
        for setting in SETTINGS[1:]) + " |")
    lines.append("| memory of a replica, MB | | " + " | ".join(
        f"{max(memory[setting]) * 1024 / 1e6:.1f}" for setting in SETTINGS[1:]) + " |")
    lines += ["", f"{len(bench.latencies['none'])} Pods a column, one after the other, over one connection, as dry run.",
              f"The histogram is `{HISTOGRAM}`; its first bucket ends at 5 ms, so its percentiles below are interpolated "
              "from zero as Prometheus does, and the mean tells more.", "",
              f"A rolling restart of three replicas takes {statistics.median(rolls):.1f} s (median of {len(rolls)}), of "
              "which the drain is 5 s a replica by choice.", ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="one short round: shows that the benchmark works")
    options = parser.parse_args()
    plan = {"rounds": 1, "creates": 50, "rolls": 1} if options.quick else {"rounds": 5, "creates": 400, "rolls": 3}
    with tempfile.TemporaryDirectory() as folder:
        text = report(*measure(pathlib.Path(folder), plan))
    if not options.quick:
        (ROOT / "bench/cluster.md").write_text(text)
    print(text)


main()

"""Reports as the chart installs them: with the rights that it gives, and no others."""
from cluster import DEADLINE, wait_until
from installed import POLICY
from objects import pod
from scanned import define, reports

WARNING = """\
apiVersion: pratique.dev/v1alpha1
kind: ClusterImagePolicy
metadata: {name: next-month}
spec: {mode: warn, rules: [{name: no-kubernetes, allow: [registry.example.com]}]}
"""


def test_reports_of_the_chart(installed):
    cluster = installed.cluster
    define(cluster)
    namespace = cluster.namespace()
    cluster.kubectl("create", "-f", "-", input=pod("registry.k8s.io/pause:3.10", "pause"), namespace=namespace)
    policies = {"baseline.yaml": POLICY, "next-month.yaml": WARNING}
    installed.upgrade({"reports": {"enabled": True, "format": ["wgpolicyk8s", "openreports"]}, "policies": policies})
    try:
        installed.rolled_out()
        for plural in ("policyreports", "reports"):
            wait_until(lambda plural=plural: set(reports(cluster, plural, namespace)) == {("Pod", "pause")},
                       "the report", DEADLINE)
        log = "".join(one.log() for one in installed.pods().values())
        assert "judging what runs already fails" not in log and '"result":"complete"' in log
        cluster.kubectl("delete", "pod", "pause", "--now", namespace=namespace)
        wait_until(lambda: not reports(cluster, "reports", namespace), "that it goes with its Pod", DEADLINE)
    finally:
        installed.upgrade({"reports": {"enabled": False}, "policies": {"baseline.yaml": POLICY}})
        installed.wait()

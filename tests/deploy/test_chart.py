"""What must hold of the chart in every variant, whatever the values."""
import re

import pytest

from chart import ROOT, helm, CHART, VARIANTS, release, rendered, variants

CLUSTER_SCOPED = {"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "MutatingWebhookConfiguration",
                  "ValidatingWebhookConfiguration"}
METADATA_NAME = "kubernetes.io/metadata.name"


@pytest.fixture(params=variants())
def variant(request):
    return rendered(request.param)


@pytest.mark.parametrize("name", variants())
def test_lint(name):
    release_name, namespace = release(name)
    ran = helm("lint", "--strict", CHART, "--values", VARIANTS / f"{name}.yaml", "--namespace", namespace)
    assert "[ERROR]" not in ran.stdout and "[WARNING]" not in ran.stdout, ran.stdout


def test_every_object_has_its_place(variant):
    name = variant.one("Deployment")["metadata"]["name"]
    for one in variant.objects:
        meta = one["metadata"]
        if one["kind"] != "CustomResourceDefinition":  # whose name is that of the kind
            assert meta["name"] == name or meta["name"].startswith(name + "-"), meta
        assert meta.get("namespace") == (None if one["kind"] in CLUSTER_SCOPED else variant.namespace), one
        assert meta["labels"]["app.kubernetes.io/instance"] == variant.name


def test_the_pod_can_do_nothing_that_it_need_not(variant):
    assert variant.pod["securityContext"] == {
        "runAsNonRoot": True, "runAsUser": 65532, "runAsGroup": 65532, "fsGroup": 65532,
        "seccompProfile": {"type": "RuntimeDefault"}}
    assert variant.container["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]}}
    assert len(variant.pod["containers"]) == 1 and "initContainers" not in variant.pod
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(variant.pod)
    assert all(set(volume) & {"configMap", "secret"} or volume["name"] in ("history", "federated") for volume in variant.pod["volumes"])
    assert variant.container["resources"]["requests"]["memory"]


def collector_port(variant):
    """Of the traces; None where there are none."""
    endpoint = variant.configuration.get("traces", {}).get("endpoint")
    return endpoint and {"http://collector.observability:4318": 4318, "https://collector.example/otlp": 443}[endpoint]


def events_of(variant):
    return variant.configuration.get("kubernetes", {}).get("events")


def test_a_pod_knows_its_name_where_it_tells_it(variant):
    names = {one["name"]: one["valueFrom"]["fieldRef"]["fieldPath"] for one in variant.container.get("env", []) if "valueFrom" in one}
    wanted = {"POD_NAME": "metadata.name", "POD_NAMESPACE": "metadata.namespace"}
    assert names == (wanted if "traces" in variant.configuration or events_of(variant) else {})


def asks(variant):
    """Whether the program asks the API server for anything."""
    configuration = variant.configuration
    return "managed" in configuration["tls"] or "kubernetes" in configuration or pull_secrets(variant)


def pull_secrets(variant):
    return "pullSecrets" in variant.configuration["registries"]


def test_the_api_is_reached_only_where_it_is_asked(variant):
    account = variant.one("ServiceAccount")
    assert account["automountServiceAccountToken"] is False
    assert variant.pod["automountServiceAccountToken"] is asks(variant)
    assert variant.pod["serviceAccountName"] == account["metadata"]["name"]
    for policy in variant.all("NetworkPolicy"):
        ports = [one["port"] for rule in policy["spec"]["egress"] for one in rule["ports"]]
        collector = collector_port(variant)
        registries = {"hosts", "clouds"} & set(variant.configuration["registries"])  # of variants: those that ask them
        assert bool(ports) is bool(asks(variant) or collector or registries)
        assert (5000 in ports) is ("hosts" in registries)
        assert (6380 in ports) is ("shared" in variant.configuration["registries"])
        assert (6443 in ports or 8443 in ports) is asks(variant) and (collector is None or collector in ports)
        assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]


def test_clouds(variant):
    """A cloud knows the Pods by an annotation of their account, Azure by a label too; Google's is asked at its own address."""
    clouds = variant.configuration["registries"].get("clouds", {})
    annotations = variant.one("ServiceAccount")["metadata"].get("annotations", {})
    assert bool(annotations) is bool(clouds)
    labels = variant.one("Deployment")["spec"]["template"]["metadata"]["labels"]
    assert ("azure.workload.identity/use" in labels) is ("azure" in clouds)
    for policy in variant.all("NetworkPolicy"):
        inside = [[to["ipBlock"]["cidr"] for to in rule["to"]] for rule in policy["spec"]["egress"] if "to" in rule]
        assert inside == ([["169.254.169.254/32", "169.254.169.252/32"]] if "gcp" in clouds else [])


def rights_of(variant, kind, name):
    """What a role allows, each right by itself; it is bound to the Pods' account and to nobody else."""
    binding = variant.one(kind + "Binding", name)
    assert binding["roleRef"] == {"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": name}
    assert binding["subjects"] == [{"kind": "ServiceAccount", "name": variant.pod["serviceAccountName"],
                                    "namespace": variant.namespace}]
    return sorted((group, resource, tuple(rule.get("resourceNames", ["*"])), tuple(rule["verbs"]))
                  for rule in variant.one(kind, name)["rules"] for group in rule["apiGroups"]
                  for resource in rule["resources"])


def leases(name):
    return [("coordination.k8s.io", "leases", ("*",), ("create",)),
            ("coordination.k8s.io", "leases", (name,), ("get", "update"))]


def roles(variant):
    return {one["metadata"]["name"] for kind in ("Role", "ClusterRole") for one in variant.all(kind)}


def test_rights_are_the_least(variant):
    name = variant.one("Deployment")["metadata"]["name"]
    managed = variant.configuration["tls"].get("managed")
    kubernetes = variant.configuration.get("kubernetes", {})
    leads = "lease" in kubernetes
    assert roles(variant) == {name for name, needed in (
        (name, managed), (name + "-leader", leads), (name + "-events", "events" in kubernetes),
        (name + "-cluster", kubernetes.get("policies") or kubernetes.get("namespaces")),
        (name + "-reports", "reports" in kubernetes), (name + "-pull-secrets", pull_secrets(variant))) if needed}
    if managed:
        registration = "admissionregistration.k8s.io"
        names = tuple(managed["webhooks"])
        assert rights_of(variant, "Role", name) == sorted([
            ("", "secrets", (managed["secret"],), ("get", "update")), ("", "secrets", ("*",), ("create",)),
            *leases(managed["lease"])])
        assert rights_of(variant, "ClusterRole", name) == [
            (registration, "mutatingwebhookconfigurations", names, ("get", "patch")),
            (registration, "validatingwebhookconfigurations", names, ("get", "patch"))]
    if leads:
        assert rights_of(variant, "Role", name + "-leader") == leases(kubernetes["lease"])


def test_what_is_watched_is_allowed_and_nothing_else(variant):
    name = variant.one("Deployment")["metadata"]["name"]
    asked, wanted = variant.configuration.get("kubernetes", {}), []
    if asked.get("namespaces"):
        wanted += [("", "namespaces", ("*",), ("list", "watch"))]
    if asked.get("policies"):
        for plural in ("clusterimagepolicies", "imagepolicies", "imagepolicyexceptions"):
            wanted += [("pratique.dev", plural, ("*",), ("get", "list", "watch")),
                       ("pratique.dev", plural + "/status", ("*",), ("update",))]
    roles = [one["metadata"]["name"] for one in variant.all("ClusterRole")]
    assert (name + "-cluster" in roles) is bool(wanted)
    if wanted:
        assert rights_of(variant, "ClusterRole", name + "-cluster") == sorted(wanted)
    assert ("lease" in asked) is bool(asked.get("policies") or "reports" in asked)


def test_events_are_written_with_their_rights_and_nothing_else(variant):
    name = variant.one("Deployment")["metadata"]["name"] + "-events"
    roles = [one["metadata"]["name"] for one in variant.all("ClusterRole")]
    assert (name in roles) is (events_of(variant) is not None)
    if name in roles:
        assert rights_of(variant, "ClusterRole", name) == [("events.k8s.io", "events", ("*",), ("create", "patch"))]


def test_secrets_of_pods_may_be_got_where_they_are_used_and_nothing_else(variant):
    name = variant.one("Deployment")["metadata"]["name"] + "-pull-secrets"
    if not pull_secrets(variant):
        assert name not in variant.text
        return
    assert variant.configuration["registries"]["pullSecrets"] is True
    names = ("regcred", "mirror") if variant.pod["serviceAccountName"] == "pratique" else ("*",)
    assert rights_of(variant, "ClusterRole", name) == [("", "secrets", names, ("get",)), ("", "serviceaccounts", ("*",), ("get",))]


def test_what_is_reported_may_be_listed_and_nothing_else(variant):
    reports = variant.configuration.get("kubernetes", {}).get("reports")
    if reports is None:
        assert "reports" not in variant.text
        return
    read, write = ("get", "list"), ("get", "list", "create", "update", "delete")
    kinds = {"wgpolicyk8s": ("wgpolicyk8s.io", "policyreports"), "openreports": ("openreports.io", "reports")}
    custom = [tuple(one.split(".", 1)) for one in reports.get("resources", [])]
    name = variant.one("Deployment")["metadata"]["name"] + "-reports"
    assert rights_of(variant, "ClusterRole", name) == sorted(
        [(group, resource, ("*",), read) for group, resources in WORKLOADS.items() for resource in resources]
        + [(group, resource, ("*",), read) for resource, group in custom]
        + [(*kinds[one], ("*",), write) for one in reports["format"]])


WORKLOADS = {"": ["pods", "replicationcontrollers"], "batch": ["jobs", "cronjobs"],
             "apps": ["deployments", "statefulsets", "daemonsets", "replicasets"]}


def test_the_program_registers_what_the_chart_registers(variant):
    """In mode managed: the Service that the certificate is for, and the configurations that it is written into."""
    managed = variant.configuration["tls"].get("managed")
    if not managed:
        return
    assert (managed["service"], managed["namespace"]) == (
        variant.one("Service")["metadata"]["name"], variant.namespace)
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        for one in variant.all(kind):
            assert one["metadata"]["name"] in managed["webhooks"]


def test_volumes_are_mounted_where_the_configuration_looks(variant):
    mounts = {one["mountPath"]: one["name"] for one in variant.container["volumeMounts"]}
    assert sorted(mounts.values()) == sorted(one["name"] for one in variant.pod["volumes"])
    assert all(one.get("readOnly") or one["name"] == "history" for one in variant.container["volumeMounts"])
    assert variant.container["args"] == ["serve", "--config", "/etc/pratique/serve.yaml"]
    configuration = variant.configuration
    tls = configuration["tls"]
    wanted = {"/etc/pratique", *configuration.get("policies", [])}
    wanted |= {path.rsplit("/", 1)[0] for name, path in tls.items() if name in ("certificate", "key", "clientCA")}
    traces = configuration.get("traces", {})
    wanted |= {path.rsplit("/", 1)[0] for name, path in traces.items() if name in ("ca", "headers")}
    registries = configuration["registries"]
    wanted |= {path.rsplit("/", 1)[0] for path in [*registries.get("credentials", []), *filter(None, [registries.get("ca")])]}
    wanted |= {path.rsplit("/", 1)[0] for name, path in registries.get("shared", {}).items() if name in ("keyFile", "passwordFile", "ca")}
    if "history" in configuration:
        wanted.add(configuration["history"]["path"].rsplit("/", 1)[0])
        [volume] = [one for one in variant.pod["volumes"] if one["name"] == "history"]
        assert volume["emptyDir"]["sizeLimit"] > configuration["history"]["size"]
    assert set(mounts) - {"/federated"} == wanted


def test_it_stops_within_its_grace_period(variant):
    def seconds(text):
        units = {"ms": 0.001, "s": 1, "m": 60}
        return sum(float(number) * units[unit] for number, unit in re.findall(r"([\d.]+)(ms|s|m)", text))
    drain = variant.configuration["drain"]
    needed = seconds(drain["delay"]) + seconds(drain["timeout"]) + 2
    assert needed <= variant.pod["terminationGracePeriodSeconds"] <= needed + 2
    assert "lifecycle" not in variant.container


def test_rolling_takes_no_replica_away(variant):
    deployment = variant.one("Deployment")
    assert deployment["spec"]["strategy"]["rollingUpdate"] == {"maxUnavailable": 0, "maxSurge": 1}
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    selector = deployment["spec"]["selector"]["matchLabels"]
    others = [variant.one("Service")["spec"]["selector"]]
    others += [one["labelSelector"]["matchLabels"] for one in variant.pod["topologySpreadConstraints"]]
    others += [one["spec"]["selector"]["matchLabels"] for one in variant.all("PodDisruptionBudget")]
    others += [one["spec"]["podSelector"]["matchLabels"] for one in variant.all("NetworkPolicy")]
    assert all(one == selector for one in others)
    assert selector.items() <= labels.items()
    assert {one["topologyKey"]: one["whenUnsatisfiable"] for one in variant.pod["topologySpreadConstraints"]} == {
        "kubernetes.io/hostname": "ScheduleAnyway", "topology.kubernetes.io/zone": "ScheduleAnyway"}


def test_probes_ask_the_plain_port(variant):
    ports = {one["name"]: one["containerPort"] for one in variant.container["ports"]}
    configuration = variant.configuration
    assert ports == {"https": configuration["listen"]["port"], "metrics": configuration["plain"]["port"]}
    paths = {name: variant.container[name]["httpGet"] for name in ("startupProbe", "readinessProbe", "livenessProbe")}
    assert paths == {"startupProbe": {"path": "/healthz", "port": "metrics"},
                     "readinessProbe": {"path": "/readyz", "port": "metrics"},
                     "livenessProbe": {"path": "/healthz", "port": "metrics"}}
    assert variant.one("Service")["spec"]["ports"][0] == {
        "name": "https", "port": 443, "targetPort": "https", "appProtocol": "https"}


# -- the registration --

def every_webhook(variant):
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        yield from variant.webhooks(kind).values()


def test_webhooks_lead_to_the_service(variant):
    for webhook in every_webhook(variant):
        path = "/mutate" if "rewrite." in webhook["name"] else "/validate"
        assert webhook["clientConfig"]["service"] == {
            "name": variant.one("Service")["metadata"]["name"], "namespace": variant.namespace,
            "path": path, "port": 443}
        effects = path == "/validate" and events_of(variant) is not None
        assert webhook["sideEffects"] == ("NoneOnDryRun" if effects else "None")
        assert webhook["admissionReviewVersions"] == ["v1"]
        assert webhook["matchPolicy"] == "Equivalent"
        assert ("reinvocationPolicy" in webhook) == ("rewrite." in webhook["name"])


def test_no_label_that_an_author_can_set_takes_anything_out(variant):
    for webhook in every_webhook(variant):
        assert "objectSelector" not in webhook
        for expression in webhook.get("namespaceSelector", {}).get("matchExpressions", []):
            assert expression["key"] == METADATA_NAME
        assert "matchLabels" not in webhook.get("namespaceSelector", {})


def test_every_namespace_is_judged_once(variant):
    """The system webhook takes exactly what the other leaves out."""
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        webhooks = variant.webhooks(kind)
        selectors = {name.startswith("system."): one.get("namespaceSelector", {}).get("matchExpressions")
                     for name, one in webhooks.items()}
        if True in selectors:
            [out], [taken] = selectors[False], selectors[True]
            assert (out["operator"], taken["operator"]) == ("NotIn", "In")
            assert out["values"] == taken["values"]
        elif selectors:
            assert selectors == {False: None}


def test_only_the_webhook_of_our_namespace_has_an_exemption(variant):
    for webhook in every_webhook(variant):
        [*expressions] = webhook.get("namespaceSelector", {}).get("matchExpressions", [])
        reached = all((variant.namespace in one["values"]) == (one["operator"] == "In") for one in expressions)
        conditions = webhook.get("matchConditions", [])
        assert [one["name"] for one in conditions] == (
            ["not-our-own-pod", "not-our-own-deployment"] if reached else [])
        for one in conditions:
            assert f"request.namespace == '{variant.namespace}'" in one["expression"]
        if conditions:
            assert f"containers[0].image == '{variant.container['image']}'" in conditions[0]["expression"]


def known_kinds():
    """Resources by group, of the table in src/review/kinds.c that Kubernetes still serves."""
    text = (ROOT / "src/review/kinds.c").read_text()
    found = re.findall(r'BUILT_IN\("([\w.]*)", "\w+", "(\w+)"', text)
    assert len(found) >= 9
    return {(group, resource) for group, resource in found if group != "extensions"}


def test_every_kind_that_the_program_knows_is_registered(variant):
    for webhook in every_webhook(variant):
        rules = {(group, resource) for rule in webhook["rules"] for group in rule["apiGroups"]
                 for resource in rule["resources"]}
        assert known_kinds() | {("", "pods/ephemeralcontainers")} <= rules
        for rule in webhook["rules"]:
            assert rule["operations"] == ["CREATE", "UPDATE"] and rule["apiVersions"] == ["*"]
            assert not {"*", "*/*", "pods/*", "pods/status"} & set(rule["resources"])


def test_the_ca_bundle_is_only_where_it_is_brought(variant):
    provided = "/tls" in str(variant.configuration["tls"]) and not variant.all("Certificate")
    for webhook in every_webhook(variant):
        assert ("caBundle" in webhook["clientConfig"]) is provided

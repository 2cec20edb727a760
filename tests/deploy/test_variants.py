"""What is particular to single variants."""
import base64

import yaml

from chart import CHART, VARIANTS, refused, rendered, template


def failure_policies(variant, kind="ValidatingWebhookConfiguration"):
    return {name: one["failurePolicy"] for name, one in rendered(variant).webhooks(kind).items()}


def kinds(variant):
    return {one["kind"] for one in rendered(variant).objects}


def test_default():
    assert kinds("default") == {
        "ClusterRole", "ClusterRoleBinding", "ConfigMap", "Deployment", "NetworkPolicy", "PodDisruptionBudget", "Role",
        "RoleBinding", "Service", "ServiceAccount", "ValidatingWebhookConfiguration"}
    made = rendered("default")
    assert made.one("Deployment")["spec"]["replicas"] == 3
    assert made.container["image"] == "ghcr.io/pratique-dev/pratique:0.1.0"
    assert made.pod["priorityClassName"] == "system-cluster-critical"
    assert made.pod["terminationGracePeriodSeconds"] == 17
    assert list(made.policies) == ["default.yaml"]
    assert made.policies["default.yaml"] == (CHART / "files/default-policy.yaml").read_text()
    assert failure_policies("default") == {"images.pratique.dev": "Fail", "system.images.pratique.dev": "Ignore"}
    webhooks = made.webhooks("ValidatingWebhookConfiguration")
    assert webhooks["system.images.pratique.dev"]["namespaceSelector"]["matchExpressions"][0]["values"] == [
        "kube-system"]
    assert made.configuration["audit"] == {"path": "-"}


def test_nobody_reads_metrics_by_default():
    [ingress] = rendered("default").one("NetworkPolicy")["spec"]["ingress"]
    assert ingress == {"ports": [{"port": "https", "protocol": "TCP"}]}


def test_managed_reaches_dns_and_the_api_server():
    assert rendered("default").one("NetworkPolicy")["spec"]["egress"] == [
        {"ports": [{"port": 53, "protocol": "UDP"}, {"port": 53, "protocol": "TCP"}]},
        {"ports": [{"port": 443, "protocol": "TCP"}, {"port": 6443, "protocol": "TCP"}]}]


def test_a_policy_changes_no_pod_and_a_setting_does():
    one, other = template(), template("policies.mine\\.yaml=x")
    assert other.policies == {"mine.yaml": "x\n"}
    assert one.one("Deployment") == other.one("Deployment")
    changed = template("config.idle=200s")
    assert changed.one("Deployment") != one.one("Deployment")
    assert changed.configuration["idle"] == "200s"


def test_shared_answers():
    assert "shared" not in rendered("default").configuration["registries"]
    made = rendered("everything")
    assert made.configuration["registries"]["shared"] == {
        "address": "valkey.cache:6380", "plain": True, "keyFile": "/registries/shared/seal", "username": "pratique",
        "passwordFile": "/registries/shared/password", "ca": "/registries/shared/ca.crt"}
    volumes = {one["name"]: one for one in made.pod["volumes"]}
    assert volumes["registries-shared"]["secret"]["secretName"] == "shared"
    assert "registries.shared.secret: the Secret with the key" in refused(
        "--set", "registries.shared.address=valkey:6379")


def test_cert_manager():
    made = rendered("cert-manager")
    certificate = made.one("Certificate", "pratique")
    assert certificate["spec"]["dnsNames"] == ["pratique.pratique-system.svc"]
    volumes = {one["name"]: one for one in made.pod["volumes"]}
    assert volumes["tls"]["secret"]["secretName"] == certificate["spec"]["secretName"]
    assert certificate["spec"]["issuerRef"] == {"kind": "Issuer", "name": "pratique"}
    authority = made.one("Certificate", "pratique-authority")["spec"]
    assert authority["isCA"] and made.one("Issuer", "pratique")["spec"] == {
        "ca": {"secretName": authority["secretName"]}}
    for kind in ("ValidatingWebhookConfiguration", "MutatingWebhookConfiguration"):
        assert made.one(kind)["metadata"]["annotations"] == {
            "cert-manager.io/inject-ca-from": "pratique-system/pratique"}


def test_cert_manager_with_an_issuer_of_ones_own():
    certificate = rendered("cert-manager-issuer").one("Certificate")["spec"]
    assert certificate["issuerRef"] == {"name": "company", "kind": "ClusterIssuer", "group": "cert-manager.io"}
    assert certificate["duration"] == "720h"
    assert "Issuer" not in kinds("cert-manager-issuer")


def test_provided():
    made = rendered("provided")
    values = yaml.safe_load((VARIANTS / "provided.yaml").read_text())
    for webhook in made.webhooks("ValidatingWebhookConfiguration").values():
        assert base64.b64decode(webhook["clientConfig"]["caBundle"]).decode() == values["tls"]["provided"]["caBundle"]
    volumes = {one["name"]: one for one in made.pod["volumes"]}
    assert volumes["tls"]["secret"]["secretName"] == "my-certificate"


def test_provided_needs_both():
    assert ("tls.mode is provided: set tls.provided.secret to the Secret that holds tls.crt and tls.key"
            in refused("--set", "tls.mode=provided,tls.provided.caBundle=-----BEGIN CERTIFICATE-----"))
    assert ("tls.mode is provided: set tls.provided.caBundle to the certificate, in PEM, of the authority that signed "
            "it (--set-file tls.provided.caBundle=ca.crt)"
            in refused("--set", "tls.mode=provided,tls.provided.secret=x"))
    assert ("tls.provided.caBundle must be a certificate in PEM, beginning with -----BEGIN CERTIFICATE-----"
            in refused("--set", "tls.mode=provided,tls.provided.secret=x,tls.provided.caBundle=MIIB"))


def test_mutating():
    made = rendered("mutating")
    assert failure_policies("mutating", "MutatingWebhookConfiguration") == {
        "rewrite.images.pratique.dev": "Ignore", "system.rewrite.images.pratique.dev": "Ignore"}
    assert failure_policies("mutating")["images.pratique.dev"] == "Fail"
    for webhook in made.webhooks("MutatingWebhookConfiguration").values():
        assert webhook["reinvocationPolicy"] == "Never"
    assert failure_policies("cert-manager", "MutatingWebhookConfiguration") == {
        "rewrite.images.pratique.dev": "Fail", "system.rewrite.images.pratique.dev": "Ignore"}
    assert list(made.policies) == ["mirror.yaml"]


def test_monitoring():
    made = rendered("monitoring")
    monitor = made.one("ServiceMonitor")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    assert monitor["spec"]["endpoints"] == [{"port": "metrics", "interval": "15s"}]
    service = made.one("Service")
    assert monitor["spec"]["selector"]["matchLabels"].items() <= service["metadata"]["labels"].items()
    assert "metrics" in {one["name"] for one in service["spec"]["ports"]}
    assert made.one("ConfigMap", "pratique-dashboard")["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert made.one("NetworkPolicy")["spec"]["ingress"][1] == {
        "from": [{"namespaceSelector": {"matchExpressions": [
            {"key": "kubernetes.io/metadata.name", "operator": "In", "values": ["monitoring"]}]}}],
        "ports": [{"port": "metrics", "protocol": "TCP"}]}


def test_prometheus_must_be_let_in():
    assert ("serviceMonitor.enabled: set networkPolicy.metricsFrom to the namespace of Prometheus, which cannot reach "
            "the metrics otherwise" in refused("--set", "serviceMonitor.enabled=true"))
    assert template("serviceMonitor.enabled=true", "networkPolicy.enabled=false").all("ServiceMonitor")


def test_open_when_down():
    assert failure_policies("open-when-down") == {
        "images.pratique.dev": "Ignore", "system.images.pratique.dev": "Fail"}


def test_no_system_namespaces():
    assert failure_policies("no-system-namespaces") == {"images.pratique.dev": "Fail"}
    [webhook] = rendered("no-system-namespaces").webhooks("ValidatingWebhookConfiguration").values()
    assert "namespaceSelector" not in webhook


def test_in_kube_system():
    made = rendered("in-kube-system")
    webhooks = made.webhooks("ValidatingWebhookConfiguration")
    assert "matchConditions" in webhooks["system.images.pratique.dev"]
    assert "matchConditions" not in webhooks["images.pratique.dev"]
    quota = made.one("ResourceQuota")["spec"]
    assert quota["hard"] == {"pods": "9"}
    assert quota["scopeSelector"]["matchExpressions"][0]["values"] == ["system-cluster-critical"]


def test_custom_kinds():
    made = rendered("custom-kinds")
    webhooks = made.webhooks("ValidatingWebhookConfiguration")
    rules = [(rule["apiGroups"], rule["resources"], rule["scope"]) for rule in webhooks["images.pratique.dev"]["rules"]]
    assert (["argoproj.io"], ["clusterworkflowtemplates"], "*") in rules
    assert (["example.com"], ["ships", "ships/cargo"], "*") in rules
    # A cluster-scoped object is in no namespace, so a namespaceSelector takes it: it would be asked about twice.
    assert {rule["scope"] for rule in webhooks["system.images.pratique.dev"]["rules"]} == {"Namespaced"}
    assert made.configuration["kinds"] == [{
        "group": "example.com", "kind": "Ship", "podSpecs": ["spec.template.spec"], "images": ["spec.crew[*].image"]}]


def test_existing_policies():
    made = rendered("existing-policies")
    volumes = {one["name"]: one for one in made.pod["volumes"]}
    assert volumes["policies"]["configMap"] == {"name": "my-policies"}
    assert made.policies is None and "audit" not in made.configuration
    assert not {"NetworkPolicy", "PodDisruptionBudget"} & kinds("existing-policies")


def test_policies_come_from_one_place():
    assert ("policies and existingPolicies are both set: only one of them can hold"
            in refused("--set", "policies.a\\.yaml=x,existingPolicies=mine"))


def test_everything():
    made = rendered("everything")
    values = yaml.safe_load((VARIANTS / "everything.yaml").read_text())
    assert made.container["image"] == (
        "registry.example.com:5000/mirror/pratique:0.1.0-rc.1@" + values["image"]["digest"])
    assert made.policies == values["policies"]
    assert values["config"].items() <= made.configuration.items()
    assert made.pod["terminationGracePeriodSeconds"] == 66  # 60.5 s, 2.5 s, 2 s: each rounded up
    assert made.configuration["listen"]["address"] == made.configuration["plain"]["address"] == "::"
    assert made.configuration["tls"]["clientCA"] == "/client-ca/ca.crt"
    assert made.configuration["tls"]["clientNames"] == ["kube-apiserver"]
    assert made.one("Deployment")["metadata"]["name"] == "image-gate"
    for name in ("nodeSelector", "tolerations", "affinity"):
        assert made.pod[name] == values[name]
    template_meta = made.one("Deployment")["spec"]["template"]["metadata"]
    assert template_meta["labels"]["team"] == "platform"
    assert template_meta["annotations"]["example.com/scan"] == "no"
    assert made.pod["imagePullSecrets"] == [{"name": "mirror"}]


def test_the_image_by_tag_by_digest_and_by_neither():
    digest = "sha256:" + "a" * 64
    repository = "ghcr.io/pratique-dev/pratique"
    assert template().container["image"] == repository + ":0.1.0"
    assert template("image.tag=1.2.3").container["image"] == repository + ":1.2.3"
    assert template("image.digest=" + digest).container["image"] == repository + "@" + digest


def test_nothing_is_enforced_if_so_wanted():
    assert not template("validating.enabled=false").all("ValidatingWebhookConfiguration")


def test_custom_resources():
    made, without = rendered("custom-resources"), rendered("default")
    [webhook] = made.one("ValidatingWebhookConfiguration", "pratique-policies")["webhooks"]
    assert webhook == {
        "name": "policies.pratique.dev", "admissionReviewVersions": ["v1"], "sideEffects": "None",
        "matchPolicy": "Equivalent", "failurePolicy": "Fail", "timeoutSeconds": 5,
        "clientConfig": {"service": {"name": "pratique", "namespace": "pratique-system", "path": "/policies",
                                     "port": 443}},
        "rules": [{"apiGroups": ["pratique.dev"], "apiVersions": ["v1alpha1"], "operations": ["CREATE", "UPDATE"],
                   "resources": ["clusterimagepolicies", "imagepolicies", "imagepolicyexceptions"], "scope": "*"}]}
    assert made.configuration["tls"]["managed"]["webhooks"] == ["pratique", "pratique-policies"]
    assert without.configuration["tls"]["managed"]["webhooks"] == ["pratique"]
    assert "policies.pratique.dev" not in without.text
    softer = template("customResources.enabled=true", "customResources.failurePolicy=Ignore")
    assert softer.one("ValidatingWebhookConfiguration", "pratique-policies")["webhooks"][0]["failurePolicy"] == "Ignore"
    kept = made.all("CustomResourceDefinition")
    assert [(one["spec"], one["metadata"]["annotations"]) for one in kept] == [
        (one["spec"], {"helm.sh/resource-policy": "keep"}) for one in definitions()]
    assert "CustomResourceDefinition" not in kinds("default") | kinds("open-when-down")
    assert made.configuration["kubernetes"] == {"lease": "pratique-leader", "policies": True, "namespaces": True}
    assert without.configuration["kubernetes"] == {"namespaces": True}
    assert "policies" not in made.configuration and without.configuration["policies"] == ["/policies"]
    assert ("defaultPolicy is false and there are no policies: set policies or existingPolicies, or "
            "customResources.enabled" in refused("--set", "defaultPolicy=false"))
    served = {one["spec"]["group"]: set() for one in definitions()}
    for one in definitions():
        served[one["spec"]["group"]].add(one["spec"]["names"]["plural"])
    assert served == {"pratique.dev": set(webhook["rules"][0]["resources"])}


def test_reports():
    made = rendered("reports")
    assert made.configuration["kubernetes"] == {"lease": "pratique-leader", "namespaces": True, "reports": {
        "format": ["wgpolicyk8s", "openreports"], "interval": "30m", "audit": "fail", "passes": True,
        "resources": ["rollouts.argoproj.io", "ships.example.com", "boats.example.com"]}}
    alerts = [alert["alert"] for group in made.one("PrometheusRule")["spec"]["groups"] for alert in group["rules"]]
    assert "PratiqueScanIncomplete" in alerts


def definitions():
    return list(yaml.safe_load_all((CHART / "files/definitions.yaml").read_text()))

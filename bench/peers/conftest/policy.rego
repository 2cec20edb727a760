# The rules of pratique.yaml in Rego.
package main

import rego.v1

registries := ["registry.example.com/", "quay.io/"]

templates := {"Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "ReplicationController", "Job"}

spec := input.spec if input.kind == "Pod"

spec := input.spec.template.spec if input.kind in templates

spec := input.spec.jobTemplate.spec.template.spec if input.kind == "CronJob"

images contains container.image if some container in spec.containers

images contains container.image if some container in spec.initContainers

images contains container.image if some container in spec.ephemeralContainers

known(image) if {
	some registry in registries
	startswith(image, registry)
}

latest(image) if not contains(image, ":")

latest(image) if endswith(image, ":latest")

latest(image) if contains(image, ":latest@")

finding(rule, image, message) := {
	"msg": sprintf("%s %s: image %q: %s", [input.kind, input.metadata.name, image, message]),
	"object": input.metadata.name,
	"rule": rule,
}

deny contains finding("registries", image, "only registry.example.com and quay.io are allowed") if {
	some image in images
	not known(image)
}

deny contains finding("no-latest", image, "the tag latest is not allowed") if {
	some image in images
	latest(image)
}

deny contains finding("digest", image, "a digest is required") if {
	some image in images
	not contains(image, "@sha256:")
}

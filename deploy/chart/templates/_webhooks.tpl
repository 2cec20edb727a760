{{- /*
What can bring an image into the cluster. Not here, because the API server takes no image from them: pods/status,
pods/resize, pods/binding, pods/eviction and the connecting ones; and status and scale of the others. Deleting is
never asked about.
*/ -}}
{{- define "pratique.rules" -}}
- apiGroups: [""]
  apiVersions: ["*"]
  operations: [CREATE, UPDATE]
  resources: [pods, pods/ephemeralcontainers, podtemplates, replicationcontrollers]
  scope: Namespaced
- apiGroups: [apps]
  apiVersions: ["*"]
  operations: [CREATE, UPDATE]
  resources: [daemonsets, deployments, replicasets, statefulsets]
  scope: Namespaced
- apiGroups: [batch]
  apiVersions: ["*"]
  operations: [CREATE, UPDATE]
  resources: [cronjobs, jobs]
  scope: Namespaced
{{- range .kinds }}
- apiGroups: [{{ .group | quote }}]
  apiVersions: ["*"]
  operations: [CREATE, UPDATE]
  resources: {{ toJson .resources }}
  scope: {{ $.scope | quote }}
{{- end }}
{{- end -}}

{{- /*
Our own Pods start while no replica runs, or nothing would ever start again. The API server tells them itself: a Pod
in our namespace with one container that has our image, and nothing else that could bring one in. Templates run
nothing; for them any version of our image will do, or an upgrade, which changes the Deployment before it changes
these expressions, would depend on what it replaces. Everything else in our namespace is judged.

`has` stands before every field that may be absent, and lists are short or not looked into: an error here, or a
budget that is used up, would refuse or skip the object.
*/ -}}
{{- define "pratique.ownOnly" -}}
has({{ . }}) && has({{ . }}.containers) && size({{ . }}.containers) == 1 && has({{ . }}.containers[0].image) &&
(!has({{ . }}.initContainers) || size({{ . }}.initContainers) == 0) &&
(!has({{ . }}.ephemeralContainers) || size({{ . }}.ephemeralContainers) == 0) &&
(!has({{ . }}.volumes) || (size({{ . }}.volumes) <= 16 && {{ . }}.volumes.all(v, !has(v.image))))
{{- end -}}

{{- define "pratique.exemptions" -}}
matchConditions:
  - name: not-our-own-pod
    expression: >-
      !(has(request.namespace) && request.namespace == {{ .Release.Namespace | squote }} &&
      request.resource.group == '' && request.resource.resource == 'pods' && !has(request.subResource) &&
      {{- include "pratique.ownOnly" "object.spec" | nindent 6 }} &&
      object.spec.containers[0].image == {{ include "pratique.image" . | squote }})
  - name: not-our-own-deployment
    expression: >-
      !(has(request.namespace) && request.namespace == {{ .Release.Namespace | squote }} &&
      request.resource.group == 'apps' && request.resource.resource in ['deployments', 'replicasets'] &&
      !has(request.subResource) && has(object.spec) && has(object.spec.template) &&
      {{- include "pratique.ownOnly" "object.spec.template.spec" | nindent 6 }} &&
      size(object.spec.template.spec.containers[0].image) <= 512 &&
      object.spec.template.spec.containers[0].image.matches({{ printf "^%s([:@][^/]*)?$" (regexQuoteMeta .Values.image.repository) | squote | print "r" }}))
{{- end -}}

{{- /* One webhook. In: root, name, path, failurePolicy, own (whether our namespace is in its reach), more. */ -}}
{{- define "pratique.webhook" -}}
{{- $root := .root -}}
- name: {{ .name }}
  admissionReviewVersions: [v1]
  {{- /* Events are one, which a dry run does not have. */}}
  sideEffects: {{ and $root.Values.events.enabled (eq .path "/validate") | ternary "NoneOnDryRun" "None" }}
  matchPolicy: Equivalent
  failurePolicy: {{ .failurePolicy }}
  timeoutSeconds: {{ $root.Values.timeoutSeconds }}
  {{- with .more }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
  clientConfig:
    service:
      name: {{ include "pratique.name" $root }}
      namespace: {{ $root.Release.Namespace }}
      path: {{ .path }}
      port: 443
    {{- /* Absent unless it is ours to say: the program or cert-manager writes it, and an upgrade must leave it. */}}
    {{- if eq $root.Values.tls.mode "provided" }}
    caBundle: {{ include "pratique.caBundle" $root }}
    {{- end }}
  {{- with .names }}
  namespaceSelector:
    matchExpressions:
      - key: kubernetes.io/metadata.name
        operator: {{ $.operator }}
        values: {{ toJson . }}
  {{- end }}
  rules:
    {{- include "pratique.rules" (dict "kinds" $root.Values.customKinds "scope" .scope) | nindent 4 }}
  {{- if .own }}
  {{- include "pratique.exemptions" $root | nindent 2 }}
  {{- end }}
{{- end -}}

{{- /* The webhooks of one configuration. In: root, name, path, failurePolicy, more. */ -}}
{{- define "pratique.webhooks" -}}
{{- $system := .root.Values.systemNamespaces -}}
{{- $own := has .root.Release.Namespace $system.names -}}
{{ include "pratique.webhook" (merge (dict "operator" "NotIn" "names" $system.names "own" (not $own) "scope" "*") .) }}
{{- if $system.names }}
{{ include "pratique.webhook" (merge (dict "name" (printf "system.%s" .name) "failurePolicy" $system.failurePolicy
    "operator" "In" "names" $system.names "own" $own "scope" "Namespaced") .) }}
{{- end }}
{{- end -}}

{{- define "pratique.caBundle" -}}
{{- $bundle := required "tls.mode is provided: set tls.provided.caBundle to the certificate, in PEM, of the authority that signed it (--set-file tls.provided.caBundle=ca.crt)" .Values.tls.provided.caBundle -}}
{{- if not (contains "-----BEGIN CERTIFICATE-----" $bundle) -}}
{{- fail "tls.provided.caBundle must be a certificate in PEM, beginning with -----BEGIN CERTIFICATE-----" -}}
{{- end -}}
{{ $bundle | b64enc }}
{{- end -}}

{{- define "pratique.webhookAnnotations" -}}
{{- if eq .Values.tls.mode "cert-manager" }}
  annotations:
    cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/{{ include "pratique.name" . }}
{{- end }}
{{- end -}}

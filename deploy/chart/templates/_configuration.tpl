{{- /* serve.yaml: what the chart decides, and .Values.config as it is. */ -}}
{{- define "pratique.configuration" -}}
{{- $name := include "pratique.name" . -}}
{{- $kinds := list -}}
{{- range .Values.customKinds -}}
{{- if or .podSpecs .images -}}
{{- $kinds = append $kinds (omit . "resources") -}}
{{- end -}}
{{- end -}}
apiVersion: pratique.dev/v1alpha1
kind: ServerConfiguration
listen: {address: {{ .Values.listenAddress | quote }}, port: 8443}
plain: {address: {{ .Values.listenAddress | quote }}, port: 8080}
tls:
  {{- if eq .Values.tls.mode "managed" }}
  managed:
    secret: {{ include "pratique.tlsSecret" . }}
    lease: {{ $name }}
    service: {{ $name }}
    namespace: {{ .Release.Namespace }}
    webhooks: [{{ $name }}{{ if .Values.customResources.enabled }}, {{ $name }}-policies{{ end }}]
    {{- toYaml .Values.tls.managed | nindent 4 }}
  {{- else }}
  certificate: /tls/tls.crt
  key: /tls/tls.key
  {{- end }}
  {{- if .Values.tls.client.secret }}
  clientCA: /client-ca/ca.crt
  {{- with .Values.tls.client.names }}
  clientNames: {{ toJson . }}
  {{- end }}
  {{- end }}
{{- if include "pratique.mountsPolicies" . }}
policies: [/policies]
{{- end }}
{{- if .Values.audit }}
audit: {path: "-"}
{{- end }}
{{- if .Values.history.enabled }}
history: {path: /var/lib/pratique/history.db, size: {{ .Values.history.size | int64 }}, age: {{ .Values.history.age }}}
{{- end }}
{{- with include "pratique.kubernetes" . | trim }}
kubernetes:
  {{- . | nindent 2 }}
{{- end }}
{{- with .Values.traces }}
{{- if .endpoint }}
traces:
  endpoint: {{ .endpoint | quote }}
  plain: {{ .plain }}
  samplingRatePerMillion: {{ .samplingRatePerMillion | int64 }}
  {{- if .ca }}
  ca: /collector/{{ .ca }}
  {{- end }}
  {{- if .headers }}
  headers: /collector/{{ .headers }}
  {{- end }}
{{- end }}
{{- end }}
{{- with .Values.registries }}
registries:
  {{- if .secret }}
  credentials: [/registries/secret/.dockerconfigjson]
  {{- end }}
  {{- with .clouds }}
  clouds: {{ toJson . }}
  {{- end }}
  {{- if .pullSecrets }}
  pullSecrets: true
  {{- end }}
  {{- if .ca }}
  ca: /registries/ca/ca.crt
  {{- end }}
  {{- with .hosts }}
  hosts: {{ toJson . }}
  {{- end }}
  {{- with .shared }}
  {{- if .address }}
  shared:
    address: {{ toJson .address }}
    {{- if .plain }}
    plain: true
    {{- end }}
    keyFile: /registries/shared/{{ .key }}
    {{- with .username }}
    username: {{ toJson . }}
    {{- end }}
    {{- with .password }}
    passwordFile: /registries/shared/{{ . }}
    {{- end }}
    {{- with .ca }}
    ca: /registries/shared/{{ . }}
    {{- end }}
  {{- end }}
  {{- end }}
  tags: {{ .tags }}
  failures: {{ .failures }}
  memory: {{ .memory | int64 }}
{{- end }}
{{- if .Values.ui.enabled }}
ui: {callers: {{ .Values.ui.callers }}, hosts: {{ toJson .Values.ui.hosts }}}
{{- end }}
{{- with $kinds }}
kinds:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .Values.config }}
{{ toYaml . }}
{{- end }}
{{- end -}}

{{- /* What is asked of the cluster; empty: nothing but certificates. */ -}}
{{- define "pratique.kubernetes" -}}
{{- if include "pratique.leads" . }}
lease: {{ include "pratique.lease" . }}
{{- end }}
{{- if .Values.customResources.enabled }}
policies: true
{{- end }}
{{- if .Values.watchNamespaces }}
namespaces: true
{{- end }}
{{- if .Values.events.enabled }}
events: {warnings: {{ .Values.events.warnings }}}
{{- end }}
{{- if .Values.reports.enabled }}
{{- $resources := list -}}
{{- range .Values.customKinds -}}
{{- $group := .group -}}
{{- range .resources -}}
{{- if and $group (not (contains "/" .)) -}}{{- $resources = append $resources (printf "%s.%s" . $group) -}}{{- end -}}
{{- end -}}
{{- end }}
reports:
  {{- omit .Values.reports "enabled" | toYaml | nindent 2 }}
  {{- with $resources }}
  resources: {{ toJson . }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "pratique.name" -}}
{{- if .Values.fullnameOverride -}}
{{ .Values.fullnameOverride }}
{{- else if contains "pratique" .Release.Name -}}
{{ .Release.Name | trunc 50 | trimSuffix "-" }}
{{- else -}}
{{ printf "%s-pratique" .Release.Name | trunc 50 | trimSuffix "-" }}
{{- end -}}
{{- end -}}

{{- define "pratique.selector" -}}
app.kubernetes.io/name: pratique
app.kubernetes.io/instance: {{ .Release.Name | quote }}
{{- end -}}

{{- define "pratique.labels" -}}
{{ include "pratique.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end -}}

{{- define "pratique.image" -}}
{{- .Values.image.repository -}}
{{- if or .Values.image.tag (not .Values.image.digest) -}}
:{{ .Values.image.tag | default .Chart.AppVersion }}
{{- end -}}
{{- with .Values.image.digest -}}@{{ . }}{{- end -}}
{{- end -}}

{{- /* Not empty if the program asks the API server for something, and so needs its token. */ -}}
{{- define "pratique.asksCluster" -}}
{{- if or (eq .Values.tls.mode "managed") .Values.registries.pullSecrets (include "pratique.kubernetes" . | trim) }}yes{{ end -}}
{{- end -}}

{{- define "pratique.policies" -}}
{{- if and .Values.policies .Values.existingPolicies -}}
{{- fail "policies and existingPolicies are both set: only one of them can hold" -}}
{{- end -}}
{{ .Values.existingPolicies | default (printf "%s-policies" (include "pratique.name" .)) }}
{{- end -}}

{{- /* Not empty if there are policies in files. */ -}}
{{- define "pratique.mountsPolicies" -}}
{{- if or .Values.policies .Values.existingPolicies .Values.defaultPolicy }}yes
{{- else if not .Values.customResources.enabled -}}
{{- fail "defaultPolicy is false and there are no policies: set policies or existingPolicies, or customResources.enabled" -}}
{{- end -}}
{{- end -}}

{{- /* The Secret with tls.crt and tls.key; in mode managed, the one that the program keeps. */ -}}
{{- define "pratique.tlsSecret" -}}
{{- if eq .Values.tls.mode "provided" -}}
{{ required "tls.mode is provided: set tls.provided.secret to the Secret that holds tls.crt and tls.key" .Values.tls.provided.secret }}
{{- else -}}
{{ printf "%s-tls" (include "pratique.name" .) }}
{{- end -}}
{{- end -}}

{{- /* Not empty if one replica leads, beside the one that makes certificates. */ -}}
{{- define "pratique.leads" -}}
{{- if or .Values.customResources.enabled .Values.reports.enabled }}yes{{ end -}}
{{- end -}}

{{- define "pratique.lease" -}}
{{ printf "%s-leader" (include "pratique.name" .) }}
{{- end -}}

{{- /* Resources that can be listed: no subresources. */ -}}
{{- define "pratique.listed" -}}
{{- $found := list -}}
{{- range . -}}{{- if not (contains "/" .) -}}{{- $found = append $found . -}}{{- end -}}{{- end -}}
{{ toJson $found }}
{{- end -}}

{{- /* A duration such as 1m30s in whole seconds, rounded up. */ -}}
{{- define "pratique.seconds" -}}
{{- $units := dict "ns" 1e-9 "us" 1e-6 "µs" 1e-6 "μs" 1e-6 "ms" 1e-3 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0 -}}
{{- $sum := 0.0 -}}
{{- range regexFindAll "[0-9.]+(ns|us|µs|μs|ms|s|m|h|d)" . -1 -}}
{{- $unit := regexFind "[^0-9.]+" . -}}
{{- $sum = addf $sum (mulf (trimSuffix $unit . | float64) (get $units $unit)) -}}
{{- end -}}
{{ ceil $sum | int }}
{{- end -}}

{{- define "pratique.graceSeconds" -}}
{{- $drain := .Values.config.drain | default dict -}}
{{- $delay := include "pratique.seconds" ($drain.delay | default "5s") | int -}}
{{- $timeout := include "pratique.seconds" ($drain.timeout | default "10s") | int -}}
{{ add $delay $timeout 2 }}
{{- end -}}

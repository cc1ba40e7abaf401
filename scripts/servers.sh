#!/usr/bin/env bash
# PostgreSQL and Redis for the tests, from Debian's packages, in a folder of their own and on loopback only.
#
#   scripts/servers.sh up [DIR]     installs what is missing (root, apt-get), starts both, prints `export …` lines to eval
#   scripts/servers.sh down [DIR]   stops both and removes the folder
#
# DIR defaults to /tmp/jitsuin-servers. Ports are free ones unless PGPORT or REDIS_PORT say otherwise.
# Exit status: 0 both answer; 1 one does not (what is wrong is on standard error); 2 wrong usage.
set -uo pipefail

dir=${2:-/tmp/jitsuin-servers}
die() {
  printf 'servers.sh: %s\n' "$*" >&2
  exit 1
}

newest_initdb() {
  find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -n 1
}

install_missing() {
  local missing=()
  [ -n "$(newest_initdb)" ] || missing+=(postgresql)
  command -v redis-server >/dev/null || missing+=(redis-server)
  [ ${#missing[@]} -eq 0 ] && return 0
  command -v apt-get >/dev/null || die "${missing[*]} not installed, and there is no apt-get to install it with"
  { apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}"; } \
    >"$dir/install.log" 2>&1 || die "apt-get could not install ${missing[*]}: see $dir/install.log"
}

free_port() {
  node -e 'const s=require("node:net").createServer().listen(0,"127.0.0.1",()=>{console.log(s.address().port);s.close()})'
}

# PostgreSQL refuses to run as root.
as_server() {
  if [ "$(id -u)" -eq 0 ]; then runuser -u postgres -- "$@"; else "$@"; fi
}

start_postgres() {
  local bin data=$dir/postgres
  bin=$(dirname "$(newest_initdb)")
  mkdir -p "$data"
  [ "$(id -u)" -eq 0 ] && chown postgres "$data"
  if [ ! -f "$data/PG_VERSION" ]; then
    as_server "$bin/initdb" -D "$data" -U postgres --auth=trust --encoding=UTF8 --locale=C.UTF-8 \
      >"$dir/initdb.log" 2>&1 || die "initdb failed: see $dir/initdb.log"
  fi
  as_server "$bin/pg_ctl" -D "$data" -w -t 60 -l "$data/server.log" \
    -o "-p $pg_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$data -c max_connections=300" start >/dev/null ||
    die "PostgreSQL does not start: see $data/server.log"
  as_server "$bin/psql" -qAt -h 127.0.0.1 -p "$pg_port" -c 'create database test' >/dev/null 2>&1
  as_server "$bin/psql" -qAt -h 127.0.0.1 -p "$pg_port" -d test -c 'select 1' >/dev/null ||
    die "PostgreSQL on port $pg_port has no database \"test\""
}

start_redis() {
  mkdir -p "$dir/redis"
  redis-server --daemonize yes --bind 127.0.0.1 --port "$redis_port" --dir "$dir/redis" --save "" --appendonly no \
    --maxmemory-policy noeviction --pidfile "$dir/redis/redis.pid" --logfile "$dir/redis/redis.log" >/dev/null
  for _ in $(seq 1 50); do
    [ "$(redis-cli -h 127.0.0.1 -p "$redis_port" ping 2>/dev/null)" = PONG ] && return 0
    sleep 0.2
  done
  die "Redis does not answer on port $redis_port: see $dir/redis/redis.log"
}

down() {
  local bin
  bin=$(dirname "$(newest_initdb)" 2>/dev/null)
  [ -f "$dir/postgres/postmaster.pid" ] && as_server "$bin/pg_ctl" -D "$dir/postgres" -m fast -w stop >/dev/null
  [ -f "$dir/redis/redis.pid" ] && kill "$(cat "$dir/redis/redis.pid")" 2>/dev/null
  rm -rf "$dir"
}

case ${1:-} in
up)
  mkdir -p "$dir" && chmod 755 "$dir"
  install_missing
  pg_port=${PGPORT:-$(free_port)}
  redis_port=${REDIS_PORT:-$(free_port)}
  start_postgres
  start_redis
  printf 'export JITSUIN_TEST_DATABASE_URL=postgres://postgres@127.0.0.1:%s/test\n' "$pg_port"
  printf 'export JITSUIN_TEST_REDIS_URL=redis://127.0.0.1:%s\n' "$redis_port"
  ;;
down) down ;;
*)
  printf 'usage: scripts/servers.sh up|down [DIR]\n' >&2
  exit 2
  ;;
esac

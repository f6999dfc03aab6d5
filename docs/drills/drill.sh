# What the restore drills share: a directory of their own, a server, load, the checks. Sourced, not run.
#
# Everything is in one temporary directory and reached by sockets in it; what was started is ended by its number.
# BIN: where the programs are. ROWS: reservations that are there before (50,000). KEEP=1 leaves the directory.
set -euo pipefail
BIN=$(realpath "${BIN:-$(dirname "$0")/../../build/release/bin}")
ROWS=${ROWS:-50000}
work=$(mktemp -d "${TMPDIR:-/tmp}/boxoffice-drill.XXXXXX")
chmod 755 "$work"
pids=()

say() { printf '%s\n' "$*"; }
die() { printf 'drill: %s\n' "$*" >&2; exit 1; }
[ -x "$BIN/boxoffice-server" ] || die "no boxoffice-server in $BIN: build it, or say where with BIN"

stop() { # number [signal]: ends a process that we started, and waits for it
  kill "-${2:-TERM}" "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}
clean_up() {
  local status=$? pid
  for pid in "${pids[@]}"; do stop "$pid" KILL; done
  if [ "${KEEP:-0}" = 1 ]; then say "kept: $work"; else rm -rf "$work"; fi
  [ $status = 0 ] || printf 'drill: FAILED\n' >&2
}
trap clean_up EXIT

become() { # a database refuses to be root: user command..., in place of this shell
  local user=$1; shift
  if [ "$(id -u)" = 0 ]; then exec setpriv --reuid "$user" --regid "$(id -g "$user")" --clear-groups env HOME="$work" "$@"; fi
  exec "$@"
}
as_user() { (become "$@"); }
own() { if [ "$(id -u)" = 0 ]; then install -d -o "$1" -g "$(id -g "$1")" -m 700 "$2"; else install -d -m 700 "$2"; fi; }

timed() { # what command...: runs it and says how long it took
  local what=$1 begin end; shift
  begin=$(date +%s%N); "$@"; end=$(date +%s%N)
  printf '  %-46s %6d ms\n' "$what" $(((end - begin) / 1000000))
}
until_true() { # command...: every 50 ms, 60 s at most
  local i
  for i in $(seq 1200); do "$@" >/dev/null 2>&1 && return; sleep 0.05; done
  die "never became true: $*"
}

seed_shop() {
  "$BIN/boxoffice-server" migrate >/dev/null
  "$BIN/boxoffice-server" seed --users 40 --events 3 --tickets 1000000 --history-rows "$ROWS" --tokens-out "$work/tokens"
}
start_server() { # sets server and port
  rm -f "$work/port"
  "$BIN/boxoffice-server" --port 0 --port-file "$work/port" --rate-limit-user 0 --rate-limit-address 0 --log-level warn \
    >/dev/null 2>>"$work/server.log" &
  server=$!; pids+=("$server")
  until_true test -s "$work/port"
  port=$(cat "$work/port")
}
load() { # seconds: three events, every kind of change
  "$BIN/boxoffice" load --target "http://127.0.0.1:$port" --tokens "$work/tokens" --events 1,2,3 --output "$work/runs" \
    --duration "$1s" --connections 16 --rate 400 --reserve 5 --purchase 1 --cancel 2 --read 1 --quiet >>"$work/load.log" \
    || test $? -eq 12 # of no use as a measurement, on a machine that is busy with the drill: it is none
}
# Does what was restored add up, by the server's own check, and does it sell on as it should, by the harness' verdict?
check_restored() {
  local token event
  start_server
  token=$(head -n 1 "$work/tokens" | cut -f 2)
  curl -fsS -H "Authorization: Bearer $token" "http://127.0.0.1:$port/api/admin/invariants" >"$work/invariants"
  say "  GET /api/admin/invariants: $(cat "$work/invariants")"
  grep -q '"hold":true' "$work/invariants" || die 'the identity does not hold'
  event=$(curl -fsS -H "Authorization: Bearer $token" -H 'Content-Type: application/json' "http://127.0.0.1:$port/api/events" \
    -d '{"name":"Drill","total_tickets":12,"event_date":"2099-01-01T00:00:00Z"}' | sed -E 's/.*"id":([0-9]+).*/\1/') # one that sells out
  "$BIN/boxoffice" verify --target "http://127.0.0.1:$port" --tokens "$work/tokens" --events "1,2,3,$event" --time 2s \
    --connections 8 --audit-database "$BOXOFFICE_DATABASE" --output "$work/runs" --quiet >"$work/verify.log" \
    || { cat "$work/verify.log"; die 'the restored shop does not sell as it should'; }
  say "  $(head -n 1 "$work/verify.log" | sed 's,http://[^,]*,the restored shop,')"
  stop "$server"
}

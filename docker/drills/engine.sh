# What the parts of docker/drill share: podman with a store of its own, and checks that end the drill. Sourced, not run.
#
# `work` is the drill's temporary directory. Limits are what this process has already: inside of a container or a
# sandbox nobody may raise them. systemd's timers, which podman runs health checks by, may not be there: whoever wants
# to know a container's health asks (`podman healthcheck run`).
set -euo pipefail
say() { printf 'drill: %s\n' "$*"; }
die() { printf 'drill: %s\n' "$*" >&2; exit 1; }

mkdir -p "$work/tmp"
storage=(--root "$work/storage" --runroot "$work/run")
export CONTAINERS_CONF="$work/containers.conf" TMPDIR="$work/tmp" DISABLE_HC_SYSTEMD=true
limit() { local most; most=$(ulimit -H "$1"); [ "$most" != unlimited ] || most=-1; echo "$most:$most"; }
[ -e "$CONTAINERS_CONF" ] || cat >"$CONTAINERS_CONF" <<CONF
[containers]
default_ulimits = ["nofile=$(limit -n)", "nproc=$(limit -u)"]
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
compat_api_enforce_docker_hub = false
[network]
network_backend = "netavark"
network_config_dir = "$work/networks"
CONF
engine() { podman "${storage[@]}" --tmpdir "$work/libpod" "$@"; }

own_namespaces() { # first thing in a part: loopback, and nobody else's shared memory (podman's locks), names and addresses
  ip link set lo up
  mount -t tmpfs tmpfs /dev/shm
  # netavark keeps them there whatever podman's own directories are. A drill that failed left its own for the next one, whose
  # "database" was then a list of containers that are gone.
  mkdir -p /run/containers
  mount -t tmpfs tmpfs /run/containers
}

held=0
holds() { # what command...: has to succeed
  local what=$1; shift
  "$@" >"$work/last" 2>&1 || die "does not hold: $what: $(tail -n 3 "$work/last" | tr '\n' ' ')"
  held=$((held + 1)); printf '  ok  %s\n' "$what"
}
is() { # what wanted found
  [ "$2" = "$3" ] || die "does not hold: $1: '$3' instead of '$2'"
  held=$((held + 1)); printf '  ok  %s: %s\n' "$1" "$3"
}
within() { # seconds what command...: asks every 100 ms
  local end=$((SECONDS + $1)) what=$2; shift 2
  until "$@" >"$work/last" 2>&1; do
    [ $SECONDS -lt $end ] || die "not within its time: $what: $(tail -n 3 "$work/last" | tr '\n' ' ')"
    sleep 0.1
  done
  held=$((held + 1)); printf '  ok  %s\n' "$what"
}
code() { local status=0; "$@" >/dev/null 2>&1 || status=$?; echo $status; } # command...: its exit code
http() { curl -s -o "$work/reply" -w '%{http_code}' -m 10 "$@" || true; }    # curl's arguments: the status; 000 without one

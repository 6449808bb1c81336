#!/bin/bash
# density.sh N: N idle subscribers of one channel, on this box.
#
# The server is one process, so N is limited by its descriptors (ulimit -n); density-vm.sh is the same
# without that limit. The generator takes as many processes and source addresses as it needs.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

usage() {
  cat <<'EOF'
Usage: perf/density.sh N [options]
  --heartbeat S       front.polling_timeout; default 30
  --idle S            how long the subscribers rest; default one heartbeat
  --transport NAME    default stream
  --reactors R        default 1
  --port P            the server's ports are P and P + 1; default 18641
  --drop-caches       have the kernel forget names and inodes that nobody uses before it is asked for
                      its memory; needs root, and helps where a monitor looks into /proc
  --server FILE, --load FILE   programs; default build/comet-server and build/comet-load
  --json FILE         the results for programs
EOF
}

subscribers='' heartbeat_s=30 idle_s='' transport=stream reactors=1 port=18641 drop_caches=''
json='' server=$build/comet-server load=$build/comet-load
while (($#)); do
  case $1 in
    --heartbeat) heartbeat_s=$(number "$@") ;;
    --idle) idle_s=$(number "$@") ;;
    --transport) transport=$(value "$@") ;;
    --reactors) reactors=$(number "$@") ;;
    --port) port=$(number "$@") ;;
    --server) server=$(value "$@") ;;
    --load) load=$(value "$@") ;;
    --json) json=$(value "$@") ;;
    --drop-caches)
      drop_caches=1
      shift
      continue
      ;;
    -h | --help) usage && exit ;;
    *)
      [[ -z $subscribers && $1 =~ ^[1-9][0-9]*$ ]] || usage_error "what is '$1'?"
      subscribers=$1
      shift
      continue
      ;;
  esac
  shift 2
done
[[ $subscribers ]] || usage_error "how many subscribers?"
need python3 "the package python3"
need curl "the package curl"
need_program "$server" comet-server
need_program "$load" comet-load

# Listeners, epoll, logs and the like; what is left of the limit is for subscribers.
readonly other_descriptors=64
limit=$(ulimit -Hn)
[[ $limit == unlimited ]] || ((subscribers + other_descriptors <= limit)) ||
  die "a process may have $limit descriptors here (ulimit -Hn), and $subscribers subscribers need" \
    "$((subscribers + other_descriptors)); perf/density-vm.sh has no such limit"
ulimit -Sn "$limit"

# The server's reactors have the first processors to themselves, where there are more.
load_cpus=''
processors=$(nproc)
((reactors >= processors)) || load_cpus=$reactors-$((processors - 1))

work=$(mktemp -d)
measure_pid=''
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
clean_up() {
  [[ -z $measure_pid ]] || { kill "$measure_pid" && wait "$measure_pid"; } 2>/dev/null || true
  rm -rf "$work"
}

mkfifo "$work/results"
COMET_SERVER=$(readlink -f "$server") COMET_LOAD=$(readlink -f "$load") SUBSCRIBERS=$subscribers \
  HEARTBEAT_S=$heartbeat_s IDLE_S=${idle_s:-$heartbeat_s} TRANSPORT=$transport REACTORS=$reactors \
  PROCESSES=0 SOURCES=0 FRONT=127.0.0.1:$port ADMIN=127.0.0.1:$((port + 1)) LOAD_CPUS=$load_cpus \
  DROP_CACHES=$drop_caches WORK=$work sh "$here/density/measure.sh" >"$work/results" &
measure_pid=$!
status=0
python3 "$here/density/report.py" --subscribers "$subscribers" --heartbeat "$heartbeat_s" \
  ${json:+--json "$json"} <"$work/results" || status=$?
wait "$measure_pid" || status=$?
measure_pid=''
((status == 0)) || die "the measurement failed"

#!/bin/bash
# syscalls.sh [PID SECONDS]: system calls per delivery.
#
# Without a PID it starts a server and a standard load of its own and divides by the deliveries that
# the load generator counted. With a PID it watches a server under a load of yours.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

usage() {
  cat <<'EOF'
Usage: perf/syscalls.sh [options]               a standard load
       perf/syscalls.sh [options] PID SECONDS   a server that is under load already
  --deliveries-per-second X   with a PID: what the load generator said; without it the table is per second
  --with bpftrace|strace      how to count; default bpftrace where the kernel allows it
  --subscribers N --rate R --transport NAME   of the standard load; default 1000, 50 (strace: 5), stream
  --server FILE --load FILE   programs; default build/comet-server and build/comet-load
EOF
}

pid='' seconds='' deliveries_per_s='' with='' subscribers=1000 rate='' transport=stream
server=$build/comet-server load=$build/comet-load
while (($#)); do
  case $1 in
    --deliveries-per-second) deliveries_per_s=$(number "$@") ;;
    --with) with=$(value "$@") ;;
    --subscribers) subscribers=$(number "$@") ;;
    --rate) rate=$(number "$@") ;;
    --transport) transport=$(value "$@") ;;
    --server) server=$(value "$@") ;;
    --load) load=$(value "$@") ;;
    -h | --help) usage && exit ;;
    *)
      [[ $1 =~ ^[1-9][0-9]*$ ]] || usage_error "what is '$1'?"
      if [[ -z $pid ]]; then pid=$1; elif [[ -z $seconds ]]; then seconds=$1; else usage_error "what is '$1'?"; fi
      shift
      continue
      ;;
  esac
  shift 2
done
[[ -z $pid || $seconds ]] || usage_error "for how many seconds?"
[[ -z $pid || -d /proc/$pid ]] || die "there is no process $pid"
need python3 "the package python3"

work=$(mktemp -d)
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
clean_up() {
  local child
  for child in "${load_pid-}" "${server_pid-}"; do
    [[ -z $child ]] || { kill "$child" && wait "$child"; } 2>/dev/null || true
  done
  rm -rf "$work"
}

if [[ -z $with ]]; then
  if bpf_allowed; then with=bpftrace; else with=strace; fi
fi

count() { # count PID SECONDS: "name calls" lines in $work/counts
  case $with in
    bpftrace)
      bpf "$2" "$(<"$here/syscalls.bt")" "$1" >"$work/raw"
      sed -n 's/^@calls\[\([0-9]*\)\]: \([0-9]*\)$/\1 \2/p' "$work/raw" | name_calls >"$work/counts"
      ;;
    strace)
      strace_for "$2" -f -qq -c -U calls,name -S calls -o "$work/raw" -p "$1"
      awk '$1 ~ /^[0-9]+$/ && $2 != "total" { print $2, $1 }' "$work/raw" >"$work/counts"
      ;;
    *) usage_error "--with is bpftrace or strace" ;;
  esac
  [[ -s $work/counts ]] || die "no system call in $2 seconds; is the server under load?"
}

name_calls() { # numbers into names, by the header that the C library is built with
  local header
  header=$(echo '#include <sys/syscall.h>' | ${CC:-cc} -E -dM - 2>/dev/null) || header=''
  awk 'NR == FNR { if ($2 ~ /^__NR_/) name[$3] = substr($2, 6); next }
    { print ($1 in name ? name[$1] : "call-" $1), $2 }' <(echo "$header") -
}

table() { # table DELIVERIES SECONDS: without deliveries, per second
  sort -k2,2nr "$work/counts" | awk -v deliveries="$1" -v seconds="$2" '
    BEGIN { printf "%-20s %12s %14s\n", "call", "count", deliveries ? "per delivery" : "per second" }
    { calls += $2; printf "%-20s %12d %14.4f\n", $1, $2, $2 / (deliveries ? deliveries : seconds) }
    END { printf "%-20s %12d %14.4f\n", "all", calls, calls / (deliveries ? deliveries : seconds) }'
}

if [[ $pid ]]; then
  count "$pid" "$seconds"
  deliveries=''
  [[ -z $deliveries_per_s ]] || deliveries=$((deliveries_per_s * seconds))
  table "$deliveries" "$seconds"
  exit
fi

need_program "$server" comet-server
need_program "$load" comet-load
need curl "the package curl"
readonly watched_s=5
# strace stops the server at every call, so it gets a load that it can keep up with.
[[ $rate ]] || { if [[ $with == strace ]]; then rate=5; else rate=50; fi; }

# The first number of that name in /info.
info_now() { curl -sf "http://$admin/info" | grep -o "\"$1\": [0-9]\+" | head -1 | grep -o '[0-9]*$'; }
listens_on() { sed -n "s/.*$1 on \\([^, ]*\\).*/\\1/p" "$work/server.log"; }

"$server" --set front.listen=127.0.0.1:0 --set admin.listen=127.0.0.1:0 --set reactors=1 \
  >"$work/server.log" 2>&1 &
server_pid=$!
until admin=$(listens_on admin) && [[ $admin ]]; do
  kill -0 "$server_pid" 2>/dev/null || {
    cat "$work/server.log" >&2
    die "the server did not start"
  }
  sleep 0.1
done

front=$(listens_on subscribers)
# It publishes for longer than is watched, so that what is watched is nothing but publishing.
"$load" --pid "$server_pid" --front "$front" --admin "$admin" --transport "$transport" \
  --subscribers "$subscribers" --rate "$rate" --warmup 2 --duration $((watched_s + 5)) --quiet \
  --json "$work/load.json" >"$work/load.log" 2>&1 &
load_pid=$!
until (($(info_now subscribers) >= subscribers)); do
  kill -0 "$load_pid" 2>/dev/null || {
    cat "$work/load.log" >&2
    die "the load generator did not get its subscribers"
  }
  sleep 0.2
done
until (($(info_now messages_in) > 0)); do sleep 0.1; done
sleep 2 # its warm-up
count "$server_pid" "$watched_s"

status=0
wait "$load_pid" || status=$?
load_pid=''
((status == 0)) || {
  cat "$work/load.log" >&2
  die "the load generator says that not all was delivered"
}
deliveries=$(python3 -c '
import json, sys
publish = json.load(open(sys.argv[1]))["publish"]
print(round(publish["deliveries_per_second"] * float(sys.argv[2])))' "$work/load.json" "$watched_s")
echo "$subscribers subscribers ($transport), $rate messages/s: $deliveries deliveries in $watched_s s, counted by $with"
table "$deliveries" "$watched_s"

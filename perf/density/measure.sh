#!/bin/sh
# One density measurement: starts a server, lets comet-load subscribe, rest and publish one message,
# and writes down what the kernel holds before and after.
#
# density.sh runs it on this box, guest-init.sh inside a virtual machine, where busybox is all there
# is; so it is plain sh. What it finds goes to standard output for report.py, one fact a line:
#
#     progress K          K subscribers are there
#     fact NAME VALUE     bytes, seconds or words
#     slab NAME BYTES     growth of one cache of kernel objects
#     load JSON           the results of comet-load, on one line
#     done                everything was measured
#
# In the environment: COMET_SERVER and COMET_LOAD (programs), SUBSCRIBERS, HEARTBEAT_S, IDLE_S,
# PROCESSES, SOURCES, TRANSPORT, REACTORS, FRONT and ADMIN (address:port), and optionally SERVER_CPUS
# and LOAD_CPUS (lists for taskset), WORK (a folder for files) and DROP_CACHES (not empty: have the
# kernel forget names and inodes that nobody uses before it is asked).
set -eu

work=${WORK:-/tmp}
server_pid=
load_pid=

fact() { echo "fact $1 $2"; }

give_up() {
  echo "$*" >&2
  exit 1
}

stop_all() {
  for pid in $load_pid $server_pid; do kill "$pid" 2>/dev/null || true; done
  wait
}
trap stop_all EXIT
trap 'exit 1' INT TERM

on_cpus() { # on_cpus LIST command...: an empty list stands for wherever the kernel likes
  list=$1
  shift
  if [ -n "$list" ]; then exec taskset -c "$list" "$@"; else exec "$@"; fi
}

fetch() {
  if command -v curl >/dev/null; then curl -sf "$1"; else wget -q -O - "$1"; fi
}

subscribers_now() {
  fetch "http://$ADMIN/info" 2>/dev/null | sed -n 's/.*"subscribers": *\([0-9]*\).*/\1/p'
}

# What the kernel counts as its own: objects, page tables, stacks, per-CPU data, large tables such as
# those of descriptors, and pages that TCP holds in its queues.
kernel_bytes() {
  awk -v page="$(getconf PAGESIZE 2>/dev/null || echo 4096)" '
    /^(Slab|PageTables|Percpu|VmallocUsed):/ { bytes += $2 * 1024 }
    /^TCP:/ { for (i = 2; i < NF; i += 2) if ($i == "mem") bytes += $(i + 1) * page }
    END { printf "%.0f\n", bytes }' /proc/meminfo /proc/net/sockstat
}

# Everything that is neither free nor a page of a program or file: the same question asked from the
# other side. It needs a quiet machine.
missing_bytes() {
  awk '/^MemTotal:/ { bytes += $2 } /^(MemFree|AnonPages|Cached|Buffers|SwapCached):/ { bytes -= $2 }
    END { printf "%.0f\n", bytes * 1024 }' /proc/meminfo
}

# A monitor that lists /proc/PID/fd leaves an inode and a name for each descriptor in the caches.
forget_unused() {
  [ -z "${DROP_CACHES:-}" ] || echo 2 >/proc/sys/vm/drop_caches || give_up "dropping caches takes root"
}

sockets() { awk '/^TCP:/ { print $3 }' /proc/net/sockstat; }

slabs() { # cache bytes; nothing where only root may look
  awk 'NR > 2 { printf "%s %.0f\n", $1, $3 * $4 }' /proc/slabinfo 2>/dev/null | sort || true
}

cpu_ns() { awk '{ ns += $1 } END { printf "%.0f\n", ns }' "/proc/$1"/task/*/schedstat; }
uptime_s() { awk '{ print $1 }' /proc/uptime; }
minus() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f\n", a - b }'; }

start_server() {
  on_cpus "${SERVER_CPUS:-}" "$COMET_SERVER" --set front.listen="$FRONT" --set admin.listen="$ADMIN" \
    --set reactors="$REACTORS" --set front.polling_timeout="$HEARTBEAT_S" --set logger.level=warn \
    >"$work/server.log" 2>&1 &
  server_pid=$!
  tries=0
  until [ -n "$(subscribers_now)" ]; do
    tries=$((tries + 1))
    if [ $tries -gt 300 ] || ! kill -0 $server_pid 2>/dev/null; then
      cat "$work/server.log" >&2
      give_up "the server does not answer on $ADMIN"
    fi
    sleep 0.2
  done
}

start_load() {
  on_cpus "${LOAD_CPUS:-}" "$COMET_LOAD" --pid $server_pid --front "$FRONT" --admin "$ADMIN" \
    --transport "$TRANSPORT" --subscribers "$SUBSCRIBERS" --processes "$PROCESSES" \
    --sources "$SOURCES" --idle "$IDLE_S" --warmup 0 --rate 1 --duration 1 --quiet \
    --json "$work/load.json" >"$work/load.log" 2>&1 &
  load_pid=$!
}

load_failed() {
  tail -n 20 "$work/load.log" "$work/server.log" >&2
  give_up "$1"
}

wait_for_subscribers() {
  there=0
  while [ "$there" -lt "$SUBSCRIBERS" ]; do
    kill -0 $load_pid 2>/dev/null || load_failed "the load generator ended with $there subscribers"
    sleep 1
    there=$(subscribers_now)
    there=${there:-0}
    echo "progress $there"
  done
}

command -v "$COMET_SERVER" >/dev/null || give_up "no program $COMET_SERVER"
command -v "$COMET_LOAD" >/dev/null || give_up "no program $COMET_LOAD"

fact kernel_release "$(uname -r)"
start_server
forget_unused
kernel_before=$(kernel_bytes)
missing_before=$(missing_bytes)
sockets_before=$(sockets)
slabs >"$work/slabs.before"
began_s=$(uptime_s)

start_load
wait_for_subscribers
sleep 2 # let what is on its way arrive, and freed objects of the opening be freed
subscribed_s=$(minus "$(uptime_s)" "$began_s")
forget_unused

fact subscribed_s "$subscribed_s"
fact kernel_bytes $(($(kernel_bytes) - kernel_before))
fact missing_bytes $(($(missing_bytes) - missing_before))
fact sockets $(($(sockets) - sockets_before))
slabs >"$work/slabs.after"
awk 'FILENAME == ARGV[1] { before[$1] = $2; next }
  $2 > before[$1] { printf "slab %s %.0f\n", $1, $2 - before[$1] }' "$work/slabs.before" "$work/slabs.after"

status=0
wait $load_pid || status=$?
load_pid=
[ -s "$work/load.json" ] || load_failed "the load generator left no results (status $status)"
echo "load $(tr -d '\n' <"$work/load.json")"
[ $status = 0 ] || load_failed "the load generator says that not all was well (status $status)"
fact server_cpu_s "$(awk -v ns="$(cpu_ns $server_pid)" 'BEGIN { printf "%.2f\n", ns / 1e9 }')"
echo "done"

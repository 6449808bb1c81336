#!/bin/bash
# trace.sh offcpu|epoll-batches PID [SECONDS]: runs the bpftrace program of that name on a process, or
# says why the kernel does not allow it and asks strace what it can tell instead.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

usage() {
  cat <<'EOF'
Usage: perf/trace.sh offcpu|epoll-batches PID [SECONDS] [--with bpftrace|strace]
  offcpu          where the process's threads wait, and for how long
  epoll-batches   how many events each epoll_wait brings
EOF
}

program='' pid='' seconds='' with=''
while (($#)); do
  case $1 in
    -h | --help) usage && exit ;;
    --with)
      with=$(value "$@")
      shift
      ;;
    *)
      if [[ -z $program ]]; then
        program=$1
      elif [[ -z $pid && $1 =~ ^[1-9][0-9]*$ ]]; then
        pid=$1
      elif [[ -z $seconds && $1 =~ ^[1-9][0-9]*$ ]]; then
        seconds=$1
      else
        usage_error "what is '$1'?"
      fi
      ;;
  esac
  shift
done
[[ $program == offcpu || $program == epoll-batches ]] || usage_error "offcpu or epoll-batches?"
[[ $pid ]] || usage_error "which process?"
[[ -d /proc/$pid ]] || die "there is no process $pid"
seconds=${seconds:-10}

epoll_batches_by_strace() {
  local log
  log=$(mktemp)
  strace_for "$seconds" -f -qq -e trace=epoll_wait,epoll_pwait,epoll_pwait2 -e signal=none -o "$log" -p "$pid"
  awk '
    / = [0-9]+/ {
      count = $0
      sub(/.* = /, "", count); sub(/[^0-9].*/, "", count); count += 0
      ++waits; events += count
      bucket = 0
      while (2 ^ bucket <= count) ++bucket   # 0, 1, 2-3, 4-7 and so on
      ++seen[bucket]
      if (seen[bucket] > most) most = seen[bucket]
      if (bucket > last) last = bucket
    }
    END {
      if (!waits) { print "no wait ended in this time"; exit }
      for (bucket = 0; bucket <= last; ++bucket) {
        range = bucket < 2 ? bucket : 2 ^ (bucket - 1) "-" 2 ^ bucket - 1
        bar = sprintf("%*s", int(40 * seen[bucket] / most), ""); gsub(/ /, "#", bar)
        printf "%12s %10d  %s\n", range, seen[bucket], bar
      }
      printf "waits %d, events %d, %.2f events per wait\n", waits, events, events / waits
    }' "$log"
  rm -f "$log"
}

offcpu_by_strace() { # not the stacks, but the calls in which the time passed
  strace_for "$seconds" -f -qq -c -w -p "$pid" 2>&1
}

if [[ -z $with ]]; then
  if bpf_allowed; then with=bpftrace; else with=strace; fi
fi
case $with in
  bpftrace) bpf "$seconds" "$(<"$here/$program.bt")" "$pid" ;;
  strace)
    echo "with strace, which slows the process down: batches and waits are not those of full speed" >&2
    if [[ $program == offcpu ]]; then offcpu_by_strace; else epoll_batches_by_strace; fi
    ;;
  *) usage_error "--with is bpftrace or strace" ;;
esac

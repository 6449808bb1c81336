# What the scripts of this folder share.
# shellcheck shell=bash

here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")") # perf/
root=$(dirname "$here")
# shellcheck disable=SC2034
build=${BUILD:-$root/build}

die() {
  echo "${0##*/}: $*" >&2
  exit 1
}

usage_error() {
  echo "${0##*/}: $*" >&2
  usage >&2
  exit 2
}

value() { # value --option TEXT ...
  (($# > 1)) || usage_error "$1 wants a value"
  printf '%s\n' "$2"
}

number() { # number --option DIGITS ...
  [[ ${2-} =~ ^[0-9]+$ ]] || usage_error "$1 wants a number"
  printf '%s\n' "$2"
}

need() { # need COMMAND WHERE-FROM
  command -v "$1" >/dev/null || die "$1 is missing; it comes with $2"
}

need_program() { # need_program FILE TARGET
  [[ -x $1 ]] || die "no program $1; build it with: cmake --build build --target $2"
}

# bpf SECONDS PROGRAM PID: runs a bpftrace program for so long. Where debugfs is not mounted, which
# bpftrace needs for tracepoints, it is mounted for bpftrace alone.
bpf() {
  local run=(timeout -s INT --kill-after=30 "$(($1 + 60))" bpftrace -e "$2 interval:s:$1 { exit(); }" "$3")
  if [[ -d /sys/kernel/debug/tracing/events ]]; then
    "${run[@]}"
  else
    # shellcheck disable=SC2016
    unshare --mount sh -c 'mount -t debugfs none /sys/kernel/debug && exec "$@"' sh "${run[@]}"
  fi 2> >(grep -v 'RLIMIT_MEMLOCK' >&2) # said also where the kernel needs no such limit any more
}

# bpf_allowed: whether bpftrace can do its work here; if not, says why not.
bpf_allowed() {
  local complaint
  if ! command -v bpftrace >/dev/null; then
    echo "bpftrace is not installed" >&2
  elif complaint=$(bpf 1 'tracepoint:raw_syscalls:sys_enter { @ = count(); }' $$ 2>&1) &&
    [[ $complaint == *'@: '[1-9]* ]]; then
    return 0
  else
    echo "the kernel does not allow bpftrace here: $(tail -n 1 <<<"$complaint")" >&2
  fi
  return 1
}

# strace_for SECONDS options...: strace for so long, then it lets the process go.
strace_for() {
  local seconds=$1 status=0
  shift
  need strace "the package strace"
  timeout -s INT "$seconds" strace "$@" || status=$?
  ((status == 124 || status == 130 || status == 0)) || die "strace ended with status $status; may it trace this process?"
}

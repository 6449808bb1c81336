#!/bin/bash
# profile.sh PID | -- command: where the time goes, as a flame graph.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

usage() {
  cat <<'EOF'
Usage: perf/profile.sh [options] PID          records a running process
       perf/profile.sh [options] -- command   records a command until it ends
  --seconds S       how long a running process is recorded; default 10
  --frequency HZ    samples a second; default 999
  --stacks HOW      dwarf (default): whole stacks, also through libraries; fp: by frame pointers, cheaper
  --output FILE     default build/profile.svg; folded stacks go beside it, as .folded
  --title TEXT
EOF
}

seconds=10 frequency=999 stacks=dwarf output=$build/profile.svg title='' pid='' command=()
while (($#)); do
  case $1 in
    --seconds) seconds=$(number "$@") ;;
    --frequency) frequency=$(number "$@") ;;
    --stacks) stacks=$(value "$@") ;;
    --output) output=$(value "$@") ;;
    --title) title=$(value "$@") ;;
    -h | --help) usage && exit ;;
    --)
      shift
      command=("$@")
      break
      ;;
    *)
      [[ -z $pid && $1 =~ ^[1-9][0-9]*$ ]] || usage_error "what is '$1'?"
      pid=$1
      shift
      continue
      ;;
  esac
  shift 2
done
[[ $pid || ${#command[@]} -gt 0 ]] || usage_error "a PID, or -- and a command"
[[ -z $pid || ${#command[@]} -eq 0 ]] || usage_error "either a PID or a command"
[[ -z $pid || -d /proc/$pid ]] || die "there is no process $pid"
case $stacks in
  dwarf) stacks=dwarf,8192 ;;
  fp) ;;
  *) usage_error "--stacks is dwarf or fp" ;;
esac
need perf "the package linux-perf"
need python3 "the package python3"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# Virtual machines often have no hardware counters; the clock then asks instead of the cycle counter.
event=cycles
if ! perf stat -x, -e cycles true 2>&1 | grep -q '^[0-9]'; then
  event=cpu-clock
  echo "no hardware counters here: sampling by clock" >&2
fi

remark="sampled by $event at $frequency Hz"
if ! perf record -q -e "$event" -o "$work/probe" true >/dev/null 2>&1 ||
  [[ $EUID != 0 && $(cat /proc/sys/kernel/perf_event_paranoid) -ge 2 ]]; then
  event+=:u
  remark+='; the kernel is not in it: kernel.perf_event_paranoid forbids that'
elif ! awk '$1 !~ /^0+$/ { found = 1; exit } END { exit !found }' /proc/kallsyms; then
  remark+="; the kernel's frames have no names: kernel.kptr_restrict hides them"
fi
echo "$remark" >&2

record=(perf record -q -e "$event" -F "$frequency" --call-graph "$stacks" -o "$work/data")
if [[ $pid ]]; then
  title=${title:-$(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c 1-100)}
  "${record[@]}" -p "$pid" -- sleep "$seconds"
else
  title=${title:-${command[*]}}
  status=0
  "${record[@]}" -- "${command[@]}" || status=$?
  ((status == 0)) || echo "the command ended with status $status" >&2
fi
[[ -s $work/data ]] || die "perf recorded nothing"

mkdir -p "$(dirname "$output")"
# --no-inline: asking for inlined functions takes minutes, and the graph does not need them.
perf script --no-inline -i "$work/data" 2>"$work/script.log" >"$work/script" || {
  cat "$work/script.log" >&2
  die "perf script could not read what was recorded"
}
"$here/flamegraph.py" --folded "$work/script" -o "${output%.svg}.folded"
"$here/flamegraph.py" "${output%.svg}.folded" -o "$output" --title "$title" --remark "$remark"
echo "$output"

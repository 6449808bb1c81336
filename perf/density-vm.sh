#!/bin/bash
# density-vm.sh N: N idle subscribers of one channel, inside a virtual machine.
#
# For boxes whose own descriptor limit is in the way of a million. The guest is Debian's kernel, a
# busybox, comet-server and comet-load; it uses KVM where that can run a guest, else QEMU's software
# emulation. Memory is what it would be on hardware, but times under emulation are not.
set -euo pipefail

# shellcheck source-path=SCRIPTDIR source=lib.sh
. "$(dirname "$(readlink -f "$0")")/lib.sh"

usage() {
  cat <<'EOF'
Usage: perf/density-vm.sh N [options]
  --accel kvm|tcg     hardware or software; the default is kvm where a guest starts with it
  --memory MIB        memory of the guest; the default grows with N
  --heartbeat S       front.polling_timeout; default 30, or as long as emulation needs
  --idle S            how long the subscribers rest; default one heartbeat
  --transport NAME    default stream
  --reactors R        default 1
  --sources K         loopback source addresses; default one for every 20 000 subscribers
  --timeout S         for the whole run; the default grows with N
  --kernel FILE       a kernel image instead of Debian's
  --server FILE, --load FILE   programs; default build/comet-server and build/comet-load
  --json FILE         the results for programs
EOF
}

subscribers='' accel='' memory_mib='' heartbeat_s='' idle_s='' transport=stream reactors=1 sources=''
timeout_s='' kernel='' json='' server=$build/comet-server load=$build/comet-load

while (($#)); do
  case $1 in
    --accel) accel=$(value "$@") ;;
    --memory) memory_mib=$(number "$@") ;;
    --heartbeat) heartbeat_s=$(number "$@") ;;
    --idle) idle_s=$(number "$@") ;;
    --transport) transport=$(value "$@") ;;
    --reactors) reactors=$(number "$@") ;;
    --sources) sources=$(number "$@") ;;
    --timeout) timeout_s=$(number "$@") ;;
    --kernel) kernel=$(value "$@") ;;
    --server) server=$(value "$@") ;;
    --load) load=$(value "$@") ;;
    --json) json=$(value "$@") ;;
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
[[ $(uname -m) == x86_64 ]] || die "the guest is made for x86_64 only"
need qemu-system-x86_64 "the package qemu-system-x86"
need cpio "the package cpio"
need python3 "the package python3"
need_program "$server" comet-server
need_program "$load" comet-load

cache=$build/density-vm
work=$(mktemp -d)
guest_pid=''
trap 'clean_up' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM
clean_up() {
  [[ -z $guest_pid ]] || { kill "$guest_pid" && wait "$guest_pid"; } 2>/dev/null || true
  rm -rf "$work"
}

# Debian's smallest kernel, unpacked but not installed.
fetch_kernel() {
  local package
  mkdir -p "$cache/kernel/boot"
  kernel=$(find "$cache/kernel/boot" -name "vmlinuz-*" | sort -V | tail -n 1)
  [[ -z $kernel ]] || return 0
  need apt-get "Debian, or a kernel image of yours with --kernel"
  package=$(apt-cache depends linux-image-cloud-amd64 | sed -n 's/^ *Depends: \(linux-image-[0-9].*\)/\1/p')
  [[ $package ]] || die "no kernel among apt's packages; run apt-get update, or use --kernel"
  echo "fetching $package" >&2
  (cd "$cache" && apt-get download -qq "$package" 2>"$work/apt.log") || {
    cat "$work/apt.log" >&2
    die "no kernel; --kernel takes one of yours"
  }
  dpkg -x "$cache/$package"_*.deb "$cache/kernel"
  rm -f "$cache/$package"_*.deb
  kernel=$(find "$cache/kernel/boot" -name 'vmlinuz-*')
}

libraries() { # what a program is linked with, its loader included; nothing for a static one
  { ldd "$1" 2>/dev/null || true; } | awk '$2 == "=>" && $3 ~ /^\// { print $3 } $1 ~ /^\// { print $1 }'
}

find_busybox() {
  local candidate
  for candidate in "$(command -v busybox || true)" /bin/busybox /usr/bin/busybox; do
    [[ -x $candidate ]] && ! ldd "$candidate" >/dev/null 2>&1 && echo "$candidate" && return
  done
  die "no static busybox (the package busybox-static)"
}

plant_initramfs() {
  local tree=$work/tree busybox
  busybox=$(find_busybox)
  mkdir -p "$tree/bin"
  cp "$busybox" "$tree/bin/busybox"
  cp "$server" "$tree/bin/comet-server"
  cp "$load" "$tree/bin/comet-load"
  cp "$here/density/measure.sh" "$tree/measure.sh"
  cp "$here/density/guest-init.sh" "$tree/init"
  chmod +x "$tree/init" "$tree/measure.sh"
  { libraries "$server" && libraries "$load"; } | sort -u | xargs -r cp --parents -L -t "$tree"
}

write_settings() {
  cat >"$work/tree/settings" <<EOF
export COMET_SERVER=/bin/comet-server COMET_LOAD=/bin/comet-load
export SUBSCRIBERS=$subscribers HEARTBEAT_S=$heartbeat_s IDLE_S=$idle_s TRANSPORT=$transport
export REACTORS=$reactors PROCESSES=1 SOURCES=$sources
export FRONT=127.0.0.1:8100 ADMIN=127.0.0.1:8000 SERVER_CPUS=$server_cpus LOAD_CPUS=$load_cpus
export DROP_CACHES=1
EOF
}

pack_initramfs() {
  (cd "$work/tree" && find . | cpio --quiet -o -H newc | gzip -1) >"$work/initramfs"
}

# run_guest SECONDS ACCEL MEMORY_MIB words...: results go to standard output. Whatever happens to this
# script, no guest outlives it: setpriv(1) has the kernel kill it with its parent.
run_guest() {
  local limit_s=$1 with=$2 mib=$3
  shift 3
  # Everything that a server may be built for, without the guards that cost emulation most.
  local cpu=max,smap=off,smep=off,la57=off thread=,thread=multi
  [[ $with == kvm ]] && cpu=host thread=
  setpriv --pdeathsig TERM timeout --kill-after=10 "$limit_s" setpriv --pdeathsig KILL \
    qemu-system-x86_64 -accel "$with$thread" -cpu "$cpu" -smp 2 -m "$mib" -nodefaults \
    -display none -monitor none -no-reboot -kernel "$kernel" -initrd "$work/initramfs" \
    -serial "file:$work/console" -serial stdio \
    -append "console=ttyS0 panic=-1 quiet nokaslr mitigations=off slab_nomerge tsc=reliable thash_entries=$hash_entries $*" \
    </dev/null 2>"$work/qemu.log" &
  guest_pid=$!
  local status=0
  { wait "$guest_pid" || status=$?; } 2>"$work/bash.log" # the shell tells of a crash, as kvm_works expects them
  guest_pid=''
  return "$status"
}

show_trouble() {
  { tail -n 40 "$work/console" && cat "$work/qemu.log"; } 2>/dev/null | tr -d '\r' | sed 's/^/  | /' >&2
}

kvm_works() { # /dev/kvm alone says little: under some hypervisors it can't run an ordinary kernel
  [[ -w /dev/kvm ]] && run_guest 20 kvm 512 probe >/dev/null &&
    grep -q 'density: the guest is done' "$work/console"
}

# Two cores: the server has the first to itself, or both when it has several reactors.
server_cpus=0 load_cpus=1
((reactors == 1)) || server_cpus=0-1 load_cpus=0-1
sources=${sources:-$((subscribers / 20000 + 1))}
memory_mib=${memory_mib:-$((768 + subscribers * 12 / 1024))}
hash_entries=1
while ((hash_entries < 2 * subscribers)); do hash_entries=$((hash_entries * 2)); done

available_mib=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
((memory_mib < available_mib)) || die "the guest needs $memory_mib MiB and this box has $available_mib left; see --memory"

[[ $kernel ]] || fetch_kernel
plant_initramfs
pack_initramfs
if [[ -z $accel ]]; then
  if kvm_works; then accel=kvm; else accel=tcg; fi
fi

# Emulation delivers some 20 000 messages a second. Heartbeats must not be more than a part of
# that, or the subscribers would never be all there.
if [[ -z $heartbeat_s ]]; then
  heartbeat_s=30
  [[ $accel == kvm ]] || heartbeat_s=$((subscribers / 5000 > 30 ? subscribers / 5000 : 30))
fi
idle_s=${idle_s:-$heartbeat_s}
if [[ $accel == kvm ]]; then seconds_per_thousand=1; else seconds_per_thousand=5; fi
timeout_s=${timeout_s:-$((180 + 2 * idle_s + subscribers * seconds_per_thousand / 1000))}
write_settings
pack_initramfs

echo "a guest with $memory_mib MiB, $accel, at most $timeout_s seconds" >&2
mkfifo "$work/results"
python3 "$here/density/report.py" --subscribers "$subscribers" --heartbeat "$heartbeat_s" \
  --accel "$accel" ${json:+--json "$json"} <"$work/results" &
report_pid=$!
status=0
run_guest "$timeout_s" "$accel" "$memory_mib" >"$work/results" || status=$?
report_status=0
wait "$report_pid" || report_status=$?
if ((status != 0 || report_status != 0)); then
  show_trouble
  ((status != 124)) || die "the guest was not done after $timeout_s seconds"
  die "the run failed; above is the end of the guest's console"
fi

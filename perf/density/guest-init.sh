#!/bin/busybox sh
# shellcheck shell=dash
# The only program of density-vm.sh's guest: takes the limits out of the way, measures, powers off.
#
# The first serial port is the kernel's console and takes complaints, the second takes results. The
# host writes the settings of the run into /settings. With `probe` on the kernel's command line the
# guest only shows that it can start.

/bin/busybox mkdir -p /proc /sys /dev /tmp
/bin/busybox mount -t proc proc /proc
/bin/busybox mount -t sysfs sysfs /sys
/bin/busybox mount -t devtmpfs devtmpfs /dev
/bin/busybox mount -t tmpfs tmpfs /tmp
/bin/busybox --install -s /bin
export PATH=/bin

set_sysctl() { # set_sysctl NAME VALUE: a refusal is no secret, but no reason to stop either
  sysctl -q -w "$1=$2" || echo "density: the kernel did not take $1=$2"
}

# What a million connections of one host with itself need beyond a kernel's defaults.
lift_limits() {
  descriptors=$((SUBSCRIBERS + 65536))
  set_sysctl fs.nr_open $descriptors
  set_sysctl fs.file-max $((2 * SUBSCRIBERS + 1048576))
  set_sysctl fs.epoll.max_user_watches $((2 * SUBSCRIBERS + 1048576))
  set_sysctl net.ipv4.ip_local_port_range "1024 65535"
  set_sysctl net.core.somaxconn 65535
  set_sysctl net.ipv4.tcp_max_syn_backlog 65535
  set_sysctl net.core.netdev_max_backlog 1000000
  # Pages that all TCP queues may hold. A message to everybody at once, not yet read, takes a few
  # gigabytes, and beyond the limit the kernel drops segments.
  all_pages=$(awk '/^MemTotal:/ { print int($2 / 4) }' /proc/meminfo)
  set_sysctl net.ipv4.tcp_mem "$all_pages $all_pages $all_pages"
  ulimit -n $descriptors || echo "density: ulimit -n $descriptors was refused"
}

if ! grep -qw probe /proc/cmdline; then
  # shellcheck source=/dev/null
  . /settings
  ip link set lo up # with it comes all of 127.0.0.0/8, and so any number of source addresses
  lift_limits
  /measure.sh >/dev/ttyS1 2>/dev/console </dev/null || echo "density: measuring failed"
fi
echo "density: the guest is done"
poweroff -f

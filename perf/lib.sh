# What the scripts of this folder share; sourced with $here (perf/) and $root (the repository) set.
# shellcheck shell=bash

# shellcheck disable=SC2034,SC2154
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

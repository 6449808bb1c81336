# Compares measured instructions with the kept ones: see perf/instructions.md.
#
#   awk -v toolchain=NAME -f instructions.awk MEASURED TABLE
#
# MEASURED has lines of path, instructions and operation with tabs between. Exit status: 0 if every
# path is where it was, 1 if not, 77 if nothing is kept for the toolchain.
BEGIN {
  FS = "\t"
  tolerance_percent = 3
}

FNR == NR {
  order[++paths] = $1
  measured[$1] = $2
  next
}

/^\[/ {
  inside = $0 == "[" toolchain "]"
  if (inside) known = 1
}
inside && /^[a-z]/ {
  split($0, field, / +/)
  kept[field[1]] = field[2]
}

END {
  if (!known) {
    printf "no numbers are kept for %s\n", toolchain
    exit 77
  }
  printf "%-22s %14s %14s %11s\n", "path", "instructions", "kept", "difference"
  for (i = 1; i <= paths; ++i) {
    path = order[i]
    if (!(path in kept)) {
      printf "%-22s %14.1f %14s %11s  is not in the table\n", path, measured[path], "-", "-"
      wrong = 1
      continue
    }
    percent = 100 * (measured[path] - kept[path]) / kept[path]
    verdict = ""
    if (percent > tolerance_percent) verdict = "  takes more than it did"
    if (percent < -tolerance_percent) verdict = "  takes less than it did"
    if (verdict != "") wrong = 1
    printf "%-22s %14.1f %14.1f %+10.2f%%%s\n", path, measured[path], kept[path], percent, verdict
    delete kept[path]
  }
  for (path in kept) {
    printf "%-22s %14s %14.1f %11s  is not measured\n", path, "-", kept[path], "-"
    wrong = 1
  }
  if (wrong) {
    printf "\nMore than %s%% away from perf/instructions.txt.", tolerance_percent
    print " If that is meant: perf/instructions --update"
  }
  exit wrong
}

"""make bench-wrk: the request side, the scripts of bench/wrk against the floor and comet-server."""

from . import figures, results, session, table
from .rows import PER_REQUEST, WRK_ROWS, Trial

NEEDS = ("wrk", "taskset")
BUILT = ("comet-server", "comet-floor")
HEADINGS = ("requests", "floor", "comet", "floor CPU", "comet CPU", "× floor", "p50", "p99", "")


def body():
    names = [work.script.removesuffix(".lua") for _, work in WRK_ROWS]
    options = session.options(__doc__, names)
    run = session.Session(options, NEEDS, BUILT)
    described = run.describe(packages=("wrk",))
    where = results.folder(run.programs, described, options.whole)
    rows, sound = [], True
    for (what, work), name in zip(WRK_ROWS, names):
        if options.only and name not in options.only:
            continue
        work = run.shorten(work)
        by_name = run.in_turns(name, [Trial(server, server, work) for server in ("floor", "comet")],
                               session.progress(PER_REQUEST, figures.look_up))
        row, all_sound = _row(what, by_name)
        rows.append(row)
        sound = sound and all_sound
    rendered = table.render(HEADINGS, rows)
    print(f"\nRequests per second, CPU of the server per request, latency of comet; "
          f"64 keep-alive connections\n\n{rendered}\n")
    results.write_suite(where, "wrk", described, run, rendered)
    return 0 if sound else 1


def _row(what, by_name):
    def middle(server, path):
        return figures.median([figures.look_up(record["result"], path)
                               for record in by_name[server]])

    floor, comet = middle("floor", PER_REQUEST), middle("comet", PER_REQUEST)
    unsound = [record for records in by_name.values() for record in records
               if not record["complete"]]
    return (what,
            table.with_unit(middle("floor", "wrk/requests_per_second"), "/s"),
            table.with_unit(middle("comet", "wrk/requests_per_second"), "/s"),
            table.with_unit(floor, "µs"), table.with_unit(comet, "µs"),
            table.number(comet / floor if comet and floor else None),
            table.with_unit(middle("comet", "wrk/latency_us/p50"), "µs"),
            table.with_unit(middle("comet", "wrk/latency_us/p99"), "µs"),
            f"{len(unsound)} RUNS WITH ERRORS" if unsound else ""), not unsound


if __name__ == "__main__":
    session.main(body)

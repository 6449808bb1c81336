"""make bench-peers: fan-out of the floor, comet-server, nginx with nchan, and NATS, in one run."""

from . import figures, results, session, table
from .rows import PEER_ROWS, PEERS, PER_CONNECTION, PER_DELIVERY, PER_SUBSCRIBER, Trial

NEEDS = ("taskset", "nginx", "nchan", "nats-server")
BUILT = ("comet-server", "comet-floor", "comet-load")
PACKAGES = ("nginx-light", "libnginx-mod-nchan", "nats-server")
NAMES = {"nchan": "nginx + nchan", "nats": "NATS"}
HEADINGS = ("server", "CPU per delivery", "× floor", "deliveries/s", "CPU per connection",
            "memory per subscriber", "p50", "p99", "")


def body():
    names = [name for name, _, _ in PEER_ROWS]
    options = session.options(__doc__, names)
    run = session.Session(options, NEEDS, BUILT)
    described = run.describe(PACKAGES)
    where = results.folder(run.programs, described, options.whole)
    tables, sound = [], True
    for name, what, load in PEER_ROWS:
        if options.only and name not in options.only:
            continue
        trials = [Trial(peer, peer, run.shorten(load)) for peer in PEERS]
        if reason := next(filter(None, map(run.why_not, trials)), None):
            print(f"{what}: skipped, {reason}", flush=True)
            continue
        by_name = run.in_turns(name, trials, session.progress(PER_DELIVERY, figures.look_up))
        tables.append(f"### {what}\n\n{table.render(HEADINGS, _rows(by_name))}")
        sound = sound and all(record["complete"] for record in run.records)
    rendered = "\n\n".join(tables)
    print(f"\n{rendered}\n")
    results.write_suite(where, "peers", described, run, rendered)
    return 0 if sound else 1


def _rows(by_name):
    def middle(peer, path):
        return figures.median([figures.look_up(record["result"], path)
                               for record in by_name[peer]])

    floor = middle("floor", PER_DELIVERY)
    for peer, records in by_name.items():
        per_delivery = middle(peer, PER_DELIVERY)
        unsound = [record for record in records if not record["complete"]]
        yield (NAMES.get(peer, peer),
               table.with_unit(per_delivery, "µs"),
               table.number(per_delivery / floor if per_delivery and floor else None),
               table.number(middle(peer, "publish/deliveries_per_second")),
               table.with_unit(middle(peer, PER_CONNECTION), "µs"),
               table.with_unit(middle(peer, PER_SUBSCRIBER), "B"),
               table.with_unit(middle(peer, "latency_us/p50"), "µs"),
               table.with_unit(middle(peer, "latency_us/p99"), "µs"),
               f"{len(unsound)} of {len(records)} RUNS FAILED OR INCOMPLETE" if unsound else "")


if __name__ == "__main__":
    session.main(body)

// What two answers of /info, one after the other, say about the time between them.
//
// /info counts since the start; a sample holds rates and, from the differences of the cumulative
// buckets, quantiles of just that time. Pure functions, and a history with a bound.

// The value below which a share `q` of what was counted between two histograms of /info lies; null
// when nothing was. Buckets are [upper bound, count up to it]; the last ones are left out once
// everything has been counted. Within a bucket, values are taken to be spread evenly.
export function quantile(before, after, q) {
  const counted = after.count - (before?.count ?? 0);
  if (!(counted > 0)) return null;
  const earlier = new Map(before?.buckets ?? []);
  const wanted = q * counted;
  let below = 0;
  let lower = 0;
  for (const [upper, cumulative] of after.buckets) {
    const upTo = cumulative - (earlier.get(upper) ?? before?.count ?? 0);
    if (upTo >= wanted && upTo > below) {
      return Math.min(lower + ((upper - lower) * (wanted - below)) / (upTo - below), after.max ?? upper);
    }
    below = Math.max(below, upTo);
    lower = upper;
  }
  return lower;
}

const sum = (items, of) => items.reduce((total, item) => total + (of(item) ?? 0), 0);

// Totals over all cores.
export function totals(info) {
  const cores = info.reactors ?? [];
  const subscribers = {};
  for (const core of cores) {
    for (const [transport, count] of Object.entries(core.subscribers ?? {})) {
      subscribers[transport] = (subscribers[transport] ?? 0) + count;
    }
  }
  return {
    subscribers,
    connections: sum(cores, (core) => core.connections),
    messagesIn: sum(cores, (core) => core.messages_in),
    deliveries: sum(cores, (core) => core.deliveries),
    bytesOut: sum(cores, (core) => core.bytes_out),
    writes: sum(cores, (core) => core.writes),
    turns: sum(cores, (core) => core.turns),
    slowTurns: sum(cores, (core) => core.turns_over_10ms),
    longestTurnUs: Math.max(0, ...cores.map((core) => core.longest_turn_us ?? 0)),
  };
}

// The same process, so that its counters can be subtracted.
export function isSameServer(before, after) {
  return before.pid === after.pid && before.start_time === after.start_time;
}

// `before` may be null: there are no rates then. Times are in milliseconds.
export function sample(before, after, beforeAt, afterAt) {
  const now = totals(after);
  const result = {
    at: afterAt,
    subscribers: after.subscribers,
    channels: after.channels,
    deliveries: null,
    messagesIn: null,
    bytesOut: null,
    writes: null,
    turns: null,
    lagP50: null,
    lagP99: null,
    cores: [],
  };
  const seconds = (afterAt - beforeAt) / 1000;
  if (before === null || !(seconds > 0) || !isSameServer(before, after)) return result;
  const then = totals(before);
  const rate = (a, b) => Math.max(0, b - a) / seconds;
  for (const key of ['deliveries', 'messagesIn', 'bytesOut', 'writes', 'turns']) {
    result[key] = rate(then[key], now[key]);
  }
  if (after.delivery_lag_us) {
    result.lagP50 = quantile(before.delivery_lag_us, after.delivery_lag_us, 0.5);
    result.lagP99 = quantile(before.delivery_lag_us, after.delivery_lag_us, 0.99);
  }
  const earlier = new Map((before.reactors ?? []).map((core) => [core.core, core]));
  result.cores = (after.reactors ?? []).map((core) => {
    const old = earlier.get(core.core) ?? core;
    return {
      turns: rate(old.turns, core.turns),
      deliveries: rate(old.deliveries, core.deliveries),
      messagesIn: rate(old.messages_in, core.messages_in),
    };
  });
  return result;
}

// The samples of the last `spanMs`, and never more than `max`.
export class History {
  constructor(spanMs, max) {
    this.spanMs = spanMs;
    this.max = max;
    this.samples = [];
  }

  add(one) {
    this.samples.push(one);
    let old = Math.max(0, this.samples.length - this.max);
    while (this.samples[old].at < one.at - this.spanMs) ++old;
    this.samples.splice(0, old);
  }

  since(at) {
    const first = this.samples.findIndex((one) => one.at >= at);
    return first < 0 ? [] : this.samples.slice(Math.max(0, first - 1));
  }

  get last() {
    return this.samples.at(-1) ?? null;
  }
}

-- What all scripts here share: the result as one line of JSON, after wrk's own words.
-- `dofile` it first; wrk calls done() at the end of a run. Times are in microseconds.

function done(summary, latency, requests)
   local errors = summary.errors
   io.write(string.format(
      '{"requests": %d, "seconds": %.6f, "requests_per_second": %.1f, '
         .. '"socket_errors": %d, "error_answers": %d, '
         .. '"latency_us": {"p50": %d, "p90": %d, "p99": %d, "p99.9": %d, "max": %d}}\n',
      summary.requests, summary.duration / 1e6, summary.requests / (summary.duration / 1e6),
      errors.connect + errors.read + errors.write + errors.timeout, errors.status,
      latency:percentile(50), latency:percentile(90), latency:percentile(99),
      latency:percentile(99.9), latency.max))
end

"""What is kept of a suite's runs, and where."""

import contextlib
import io
import json
import pathlib
import tempfile
import types
import unittest

from suite import results


class WriteSuite(unittest.TestCase):

    def test_keeps_the_machine_the_runs_the_commands_and_the_table(self):
        record = {"experiment": "push", "trial": "floor", "run": 1, "commands": ["wrk --x"],
                  "result": {"latency_us": {"p50": 2, "buckets": [1, 2]}}}
        run = types.SimpleNamespace(options=types.SimpleNamespace(quick=True), records=[record])
        described = {"time": "2026-01-02", "revision": "abc", "cpu": "one"}
        with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()) as said:
            where = pathlib.Path(folder)
            results.write_suite(where, "wrk", described, run, "| table |")
            kept = {path.name: path.read_text(encoding="utf-8") for path in where.iterdir()}
        self.assertEqual(said.getvalue(), f"everything is in {where}\n")
        self.assertEqual(json.loads(kept.pop("wrk-machine.json")), described)
        self.assertEqual(json.loads(kept.pop("wrk.json")), {
            "suite": "bench-wrk", "time": "2026-01-02", "revision": "abc", "quick": True,
            "runs": [{**record, "result": {"latency_us": {"p50": 2}}}]})
        self.assertEqual(kept, {"wrk-commands.txt": "# push, floor, run 1\nwrk --x\n",
                                "wrk.md": "| table |\n"})


if __name__ == "__main__":
    unittest.main()

import pathlib
import tempfile
import unittest

from suite import rows, servers
from suite.rows import Load, Wrk

SOURCE = pathlib.Path(__file__).resolve().parents[3]


class Rows(unittest.TestCase):
    def test_names_are_unique_and_trials_of_a_pair_can_be_told_apart(self):
        names = [experiment.name for experiment in rows.EXPERIMENTS]
        self.assertEqual(len(names), len(set(names)))
        for experiment in rows.EXPERIMENTS:
            trials = [trial.name for trial in experiment.trials()]
            self.assertEqual(len(trials), len(set(trials)))

    def test_every_server_can_be_started_and_every_script_is_there(self):
        programs = servers.Programs(source=SOURCE, build=SOURCE / "build")
        trials = [trial for experiment in rows.EXPERIMENTS for trial in experiment.trials()]
        for server in [trial.server for trial in trials] + list(rows.PEERS):
            self.assertIn(server, servers.START)
        works = [trial.work for trial in trials] + [work for _, work in rows.WRK_ROWS]
        for work in works:
            if isinstance(work, Wrk):
                self.assertTrue(programs.wrk_script(work.script).is_file(), work.script)

    def test_a_baseline_is_there_wherever_a_bound_needs_it(self):
        for experiment in rows.EXPERIMENTS:
            for target in experiment.targets:
                if target.bound.name in ("RATIO", "ABOVE_BASELINE"):
                    self.assertIsNotNone(experiment.baseline, target.what)

    def test_a_trial_fits_into_the_descriptors(self):
        for experiment in rows.EXPERIMENTS:
            for trial in experiment.trials():
                self.assertLessEqual(getattr(trial.work, "connections"), 19_800)


class Arguments(unittest.TestCase):
    def test_without_a_rate_nothing_is_published(self):
        self.assertEqual(Load(10, idle=60).arguments(),
                         ["--transport", "stream", "--subscribers", "10", "--channels", "1",
                          "--content-bytes", "100", "--rate", "0", "--idle", "60"])

    def test_a_closed_loop_has_no_rate(self):
        words = Load(10, closed_loop=64).arguments()
        self.assertIn("--closed-loop", words)
        self.assertNotIn("--rate", words)

    def test_a_quick_run_is_shorter_and_otherwise_the_same(self):
        load = Load(10, rate=5, duration=10, idle=60)
        self.assertEqual(load.shortened(), Load(10, rate=5, duration=2, idle=35))
        self.assertEqual(Load(10, duration=1).shortened().duration, 1)


class Templates(unittest.TestCase):
    def test_every_place_in_a_peers_configuration_is_filled(self):
        programs = servers.Programs(source=SOURCE, build=SOURCE / "build")
        with tempfile.TemporaryDirectory() as folder:
            folder = pathlib.Path(folder)
            servers.START["nchan"](programs, 1, 2, folder, [])
            servers.START["nats"](programs, 3, 3, folder, [])
            for name in ("nginx.conf", "nats.conf"):
                self.assertNotRegex((folder / name).read_text(), "@[A-Z_]+@")


if __name__ == "__main__":
    unittest.main()

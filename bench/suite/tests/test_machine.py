import unittest

from suite import cores, machine


class Names(unittest.TestCase):
    def test_a_processor_becomes_a_folder_name(self):
        for cpu, slug in (("Intel(R) Xeon(R) CPU E5-2670 v3 @ 2.30GHz", "intel-xeon-e5-2670-v3"),
                          ("AMD Ryzen 7 5800X 8-Core Processor", "amd-ryzen-7-5800x-8-core"),
                          ("AMD EPYC", "amd-epyc"), ("aarch64", "aarch64"), (None, "unknown"),
                          ("../..", "unknown")):
            self.assertEqual(machine.slug(cpu), slug)

    def test_the_first_model_name_counts(self):
        self.assertEqual(machine.cpu_name("processor\t: 0\nmodel name\t: AMD EPYC\nmodel name\t: B\n"),
                         "AMD EPYC")


class Choosing(unittest.TestCase):
    def choose(self, allowed, pairs=()):
        return cores.choose(allowed, lambda core: {core}.union(*(p for p in pairs if core in p)))

    def test_one_core_is_shared_and_says_so(self):
        chosen = self.choose({3})
        self.assertTrue(chosen.shared)
        self.assertEqual((chosen.server, chosen.generator), ((3,), 3))

    def test_of_two_the_second_reactor_shares_the_generators(self):
        chosen = self.choose({0, 1})
        self.assertEqual((chosen.server, chosen.generator), ((0, 1), 1))
        self.assertFalse(chosen.shared)
        self.assertEqual(chosen.for_reactors(1), (0,))

    def test_of_three_each_has_its_own(self):
        chosen = self.choose({0, 1, 2})
        self.assertEqual((chosen.server, chosen.generator), ((0, 2), 1))

    def test_the_generator_avoids_the_servers_sibling(self):
        chosen = self.choose({0, 1, 2, 3}, pairs=({0, 1}, {2, 3}))
        self.assertEqual((chosen.server, chosen.generator), ((0, 3), 2))

    def test_but_takes_it_when_there_is_nothing_else(self):
        self.assertEqual(self.choose({0, 1}, pairs=({0, 1},)).generator, 1)

    def test_lists_of_the_kernel(self):
        self.assertEqual(cores.parse_list("0-2,5\n"), {0, 1, 2, 5})
        self.assertEqual(cores.parse_list(""), set())


if __name__ == "__main__":
    unittest.main()

"""What must come to be is waited for, and missed when it does not come."""

import asyncio
import unittest
from unittest import mock

from tests.soak import eventually
from tests.soak.judge import Fault


class EventuallyTest(unittest.TestCase):

    def wait_for(self, answers):
        self.looks = 0

        async def condition():
            self.looks += 1
            return next(answers)

        asyncio.run(eventually.eventually(condition, lambda: f"looked {self.looks} times"))

    def test_looks_until_the_condition_holds(self):
        self.wait_for(iter([False, None, True, False]))
        self.assertEqual(self.looks, 3)

    def test_what_does_not_come_is_a_fault_that_tells_what_was_seen_last(self):
        with mock.patch.object(eventually, "DEADLINE_S", 0), self.assertRaisesRegex(Fault, "looked 1 times"):
            self.wait_for(iter([False]))


if __name__ == "__main__":
    unittest.main()

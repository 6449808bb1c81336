"""The judge finds what it is there for. Plain messages pass; each planted mistake does not."""

import unittest

from tests.soak.contents import LONG_EVERY, content_of, counter_in
from tests.soak.judge import EVERYBODY, Broadcasts, Channel, Fault, Position, Settings


def message(seq, content, kind="data"):
    return {"type": kind, "cname": "a", "seq": seq, "content": content}


class JudgeTest(unittest.TestCase):

    def setUp(self):
        self.broadcasts = Broadcasts()
        self.channel = Channel("a", Settings(least_kept=5), self.broadcasts)
        self.position = Position(self.channel, 1)

    def pushed(self, count):
        """Pushes so many more; what subscribers are to be sent."""
        contents = [self.channel.begin() for _ in range(count)]
        self.channel.answer(count)
        first = self.channel.answered - count + 1
        return [message(first + i, content) for i, content in enumerate(contents)]

    def hears(self, *messages):
        for each in messages:
            self.position.hears(each)

    def test_what_was_pushed_in_order_passes(self):
        self.hears(*self.pushed(3 * LONG_EVERY))
        self.channel.settle()
        self.assertEqual((self.position.seq, self.position.received), (3 * LONG_EVERY + 1, 3 * LONG_EVERY))

    def test_a_missing_message_is_found(self):
        first, _, third = self.pushed(3)
        self.hears(first)
        with self.assertRaisesRegex(Fault, "2 to 2 are missing"):
            self.hears(third)

    def test_a_message_twice_is_found(self):
        first, second = self.pushed(2)
        self.hears(first, second)
        with self.assertRaisesRegex(Fault, "twice"):
            self.hears(second)

    def test_messages_in_another_order_are_found(self):
        first, second, third = self.pushed(3)
        self.hears(first)
        with self.assertRaises(Fault):
            self.hears(third, second)

    def test_contents_that_were_exchanged_are_found(self):
        first, second, _ = self.pushed(3)
        self.hears(message(1, second["content"]), message(2, first["content"]))
        with self.assertRaisesRegex(Fault, "number 2 is data 1, after 2"):
            self.channel.settle()

    def test_a_number_that_is_two_messages_is_found(self):
        first, second = self.pushed(2)
        self.hears(first)
        with self.assertRaisesRegex(Fault, "number 1 is data 2, and was"):
            Position(self.channel, 1).hears(message(1, second["content"]))

    def test_a_number_that_was_said_to_be_another_message_is_found(self):
        first, _ = self.pushed(2)
        self.channel.numbered(1, 2)
        with self.assertRaises(Fault):
            self.hears(first)

    def test_a_byte_that_is_wrong_is_found(self):
        only, = self.pushed(1)
        with self.assertRaisesRegex(Fault, "not what was pushed"):
            self.hears(message(1, only["content"][:-1] + "~"))

    def test_a_content_of_another_channel_is_found(self):
        self.pushed(1)
        with self.assertRaisesRegex(Fault, "not what was pushed"):
            self.hears(message(1, content_of("b", 1)))

    def test_a_content_that_nobody_pushed_is_found(self):
        with self.assertRaisesRegex(Fault, "not pushed yet"):
            self.hears(message(1, content_of("a", 1)))

    def test_what_was_acknowledged_and_is_nowhere_is_found(self):
        first, _, third = self.pushed(3)
        self.hears(first, message(2, third["content"]))
        with self.assertRaisesRegex(Fault, r"acknowledged and lost: contents \[2\]"):
            self.channel.settle()

    def test_what_was_refused_may_be_nowhere(self):
        contents = [self.channel.begin() for _ in range(3)]
        self.channel.answer(1)
        self.channel.answer(1, acknowledged=False)
        self.channel.answer(1)
        self.hears(message(1, contents[0]), message(2, contents[2]))
        self.channel.settle()

    def test_a_gap_that_is_announced_passes_and_is_counted(self):
        first, *_, last = self.pushed(9)
        self.hears(first, message(9, "", "next_seq"), last)
        self.assertEqual(self.position.gaps_announced, 1)

    def test_a_next_seq_that_goes_back_is_found(self):
        self.hears(*self.pushed(2))
        with self.assertRaisesRegex(Fault, "3 was next"):
            self.hears(message(2, "", "next_seq"))

    def test_a_connection_begins_late_only_where_no_more_can_have_been_kept(self):
        messages = self.pushed(20)
        oldest_kept = 16  # of 20, the last 5
        Position(self.channel, 1).hears(messages[oldest_kept - 1])
        with self.assertRaisesRegex(Fault, "missing"):
            Position(self.channel, 1).hears(messages[oldest_kept])

    def test_after_it_began_no_connection_may_leave_out_a_message(self):
        messages = self.pushed(20)
        self.hears(messages[0])
        with self.assertRaisesRegex(Fault, "2 to 15 are missing"):
            self.hears(messages[15])

    def test_who_comes_back_must_go_on_where_it_was(self):
        messages = self.pushed(3)
        self.hears(messages[0])
        self.position.connects()
        self.hears(messages[1])
        self.position.connects()
        with self.assertRaisesRegex(Fault, "twice"):
            self.hears(messages[1])

    def test_after_a_clear_a_connection_may_begin_behind_it(self):
        self.pushed(4)
        self.channel.clear()
        fifth, sixth = self.pushed(2)
        Position(self.channel, 1).hears(fifth)
        with self.assertRaisesRegex(Fault, "missing"):
            Position(self.channel, 1).hears(sixth)

    def test_who_wants_nothing_of_the_past_must_be_told_where_it_begins(self):
        only, = self.pushed(1)
        with self.assertRaisesRegex(Fault, "before the next_seq"):
            Position(self.channel).hears(only)

    def test_an_operation_s_answer_says_what_comes_first(self):
        messages = self.pushed(3)
        self.hears(message(1, "", "subscribed"))
        with self.assertRaisesRegex(Fault, "1 to 1 are missing"):
            self.hears(messages[1])

    def test_a_broadcast_has_a_number_of_each_channel(self):
        first, = self.pushed(1)
        self.hears(first, message(2, self.broadcasts.begin(), "broadcast"))
        self.channel.settle()
        with self.assertRaisesRegex(Fault, "not pushed yet"):
            self.hears(message(3, content_of(EVERYBODY, 2), "broadcast"))

    def test_an_end_that_nobody_asked_for_is_found(self):
        for kind in ("close", "401", "429"):
            with self.subTest(kind=kind), self.assertRaisesRegex(Fault, "unexpected"):
                self.hears(message(1, "", kind))

    def test_what_is_settled_is_forgotten_but_for_the_last(self):
        self.hears(*self.pushed(10))
        self.channel.settle(keep=3)
        self.assertEqual(sorted(self.channel.seen), [8, 9, 10])


class ContentsTest(unittest.TestCase):

    def test_contents_differ_and_say_their_counter(self):
        contents = [content_of("a|b"[:1], counter) for counter in range(1, 500)]
        self.assertEqual(len(set(contents)), len(contents))
        self.assertEqual([counter_in(content) for content in contents], list(range(1, 500)))

    def test_what_is_no_content_has_no_counter(self):
        for text in ("", "a", "a|b|", "a|1"):
            self.assertIsNone(counter_in(text))


if __name__ == "__main__":
    unittest.main()

#include "reactor/mailbox.h"

#include <atomic>
#include <cstdint>
#include <memory>
#include <random>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace reactor {
namespace {

using Letters = std::vector<std::pair<std::size_t, int>>;  // from, what

constexpr std::size_t kAll = 1'000'000;

Letters take(Mailboxes<int>& mail, std::size_t to, std::size_t budget = kAll) {
  Letters letters;
  mail.receive(to, budget, [&](std::size_t from, int&& what) { letters.emplace_back(from, what); });
  return letters;
}

TEST(Mailboxes, ALetterArrivesAtItsReceiverAndNowhereElse) {
  Mailboxes<int> mail(3, 8);
  mail.post(0, 2, 7);
  EXPECT_EQ(take(mail, 0), Letters{});
  EXPECT_EQ(take(mail, 1), Letters{});
  EXPECT_EQ(take(mail, 2), (Letters{{0, 7}}));
  EXPECT_EQ(take(mail, 2), Letters{});
}

TEST(Mailboxes, KnowTheNumberOfCores) { EXPECT_EQ(Mailboxes<int>(5, 8).cores(), 5u); }

TEST(Mailboxes, ACoreMayWriteToItself) {
  Mailboxes<int> mail(1, 8);
  mail.post(0, 0, 1);
  EXPECT_TRUE(mail.has_mail(0));
  EXPECT_EQ(take(mail, 0), (Letters{{0, 1}}));
}

TEST(Mailboxes, EachPairKeepsItsOrder) {
  Mailboxes<int> mail(3, 64);
  for (int i = 0; i < 30; ++i) {
    mail.post(0, 1, int{i});
    mail.post(2, 1, 100 + i);
    mail.post(1, 0, 200 + i);
  }
  int next_of_0 = 0;
  int next_of_2 = 100;
  for (const auto& [from, what] : take(mail, 1)) {
    EXPECT_EQ(what, from == 0 ? next_of_0++ : next_of_2++);
  }
  EXPECT_EQ(next_of_0, 30);
  EXPECT_EQ(next_of_2, 130);
  EXPECT_EQ(take(mail, 0).size(), 30u);
}

TEST(Mailboxes, WhatDoesNotFitWaitsInOrderAndIsFlushed) {
  Mailboxes<int> mail(2, 4);
  for (int i = 0; i < 11; ++i) mail.post(0, 1, int{i});
  EXPECT_EQ(mail.backlog(0, 1), 7u);

  // Without room nothing moves.
  EXPECT_TRUE(mail.flush(0, 1));
  EXPECT_EQ(mail.backlog(0, 1), 7u);

  Letters all = take(mail, 1);
  EXPECT_EQ(all.size(), 4u);
  EXPECT_TRUE(mail.flush(0, 1));
  EXPECT_EQ(mail.backlog(0, 1), 3u);
  for (const auto& letter : take(mail, 1)) all.push_back(letter);
  EXPECT_FALSE(mail.flush(0, 1));
  EXPECT_EQ(mail.backlog(0, 1), 0u);
  for (const auto& letter : take(mail, 1)) all.push_back(letter);

  Letters expected;
  for (int i = 0; i < 11; ++i) expected.emplace_back(0, i);
  EXPECT_EQ(all, expected);
}

TEST(Mailboxes, ALaterLetterDoesNotOvertakeTheOverflow) {
  Mailboxes<int> mail(2, 2);
  for (int i = 0; i < 4; ++i) mail.post(0, 1, int{i});
  EXPECT_EQ(take(mail, 1), (Letters{{0, 0}, {0, 1}}));
  // There is room in the queue now, but 2 and 3 come first.
  mail.post(0, 1, 4);
  EXPECT_EQ(mail.backlog(0, 1), 3u);
  EXPECT_EQ(take(mail, 1), Letters{});
  EXPECT_TRUE(mail.flush(0, 1));
  EXPECT_EQ(take(mail, 1), (Letters{{0, 2}, {0, 3}}));
  EXPECT_FALSE(mail.flush(0, 1));
  EXPECT_EQ(take(mail, 1), (Letters{{0, 4}}));
}

TEST(Mailboxes, FlushWithoutABacklogHasNothingLeft) {
  Mailboxes<int> mail(2, 2);
  EXPECT_FALSE(mail.flush(0, 1));
  mail.post(0, 1, 1);
  EXPECT_FALSE(mail.flush(0, 1));
  EXPECT_EQ(mail.backlog(0, 1), 0u);
}

TEST(Mailboxes, TheBacklogIsOfOnePairOnly) {
  Mailboxes<int> mail(2, 1);
  mail.post(0, 1, 1);
  mail.post(0, 1, 2);
  EXPECT_EQ(mail.backlog(0, 1), 1u);
  EXPECT_EQ(mail.backlog(1, 0), 0u);
  EXPECT_EQ(mail.backlog(0, 0), 0u);
  EXPECT_EQ(mail.backlog(1, 1), 0u);
  mail.post(1, 0, 3);
  EXPECT_EQ(take(mail, 0), (Letters{{1, 3}}));
}

TEST(Mailboxes, HasMailTellsOfEverySender) {
  for (std::size_t from = 0; from < 3; ++from) {
    Mailboxes<int> mail(3, 2);
    EXPECT_FALSE(mail.has_mail(1));
    mail.post(from, 1, 1);
    EXPECT_TRUE(mail.has_mail(1));
    EXPECT_TRUE(mail.has_mail(1));
    EXPECT_FALSE(mail.has_mail(0));
    EXPECT_FALSE(mail.has_mail(2));
    take(mail, 1);
    EXPECT_FALSE(mail.has_mail(1));
  }
}

TEST(Mailboxes, TheBudgetHoldsForEachSender) {
  Mailboxes<int> mail(2, 16);
  for (int i = 0; i < 5; ++i) {
    mail.post(0, 1, int{i});
    mail.post(1, 1, 10 + i);
  }
  Letters letters;
  const auto keep = [&](std::size_t from, int&& what) { letters.emplace_back(from, what); };
  EXPECT_TRUE(mail.receive(1, 3, keep));
  EXPECT_EQ(letters, (Letters{{0, 0}, {0, 1}, {0, 2}, {1, 10}, {1, 11}, {1, 12}}));
  letters.clear();
  EXPECT_FALSE(mail.receive(1, 3, keep));
  EXPECT_EQ(letters, (Letters{{0, 3}, {0, 4}, {1, 13}, {1, 14}}));
  EXPECT_FALSE(mail.has_mail(1));
}

TEST(Mailboxes, ReceiveNeverSaysNoMoreWhileSomeAreLeft) {
  Mailboxes<int> mail(2, 16);
  for (int i = 0; i < 4; ++i) mail.post(0, 1, int{i});
  for (const std::size_t budget : {1u, 2u}) {
    const bool more = mail.receive(1, budget, [](std::size_t, int&&) {});
    EXPECT_TRUE(more || !mail.has_mail(1)) << budget;
  }
}

TEST(Mailboxes, TheReceiverMayAnswerFromWithin) {
  Mailboxes<int> mail(2, 4);
  mail.post(0, 1, 1);
  mail.post(0, 1, 2);
  mail.receive(1, kAll, [&](std::size_t from, int&& what) { mail.post(1, from, what * 10); });
  EXPECT_EQ(take(mail, 0), (Letters{{1, 10}, {1, 20}}));
}

TEST(Mailboxes, LettersThatCanOnlyBeMovedSurviveTheOverflow) {
  Mailboxes<std::unique_ptr<int>> mail(2, 1);
  for (int i = 0; i < 3; ++i) mail.post(0, 1, std::make_unique<int>(i));
  int next = 0;
  do {
    mail.receive(1, kAll, [&](std::size_t, std::unique_ptr<int>&& what) {
      ASSERT_NE(what, nullptr);
      EXPECT_EQ(*what, next++);
    });
  } while (mail.flush(0, 1) || mail.has_mail(1));
  EXPECT_EQ(next, 3);
}

TEST(Mailboxes, NothingIsLostInARandomTrafficOfThreeCores) {
  constexpr std::size_t kCores = 3;
  std::mt19937 random(2);
  Mailboxes<int> mail(kCores, 4);
  int posted[kCores][kCores] = {};
  int received[kCores][kCores] = {};
  const auto receive = [&](std::size_t to, std::size_t budget) {
    mail.receive(to, budget, [&](std::size_t from, int&& what) {
      ASSERT_EQ(what, received[from][to]);
      ++received[from][to];
    });
  };
  for (int step = 0; step < 50'000; ++step) {
    const std::size_t from = random() % kCores;
    const std::size_t to = random() % kCores;
    switch (random() % 4) {
      case 0:
      case 1:
        mail.post(from, to, int{posted[from][to]++});
        break;
      case 2:
        receive(to, 1 + random() % 3);
        break;
      default: {
        const bool left = mail.flush(from, to);
        ASSERT_EQ(left, mail.backlog(from, to) > 0);
      }
    }
  }
  for (std::size_t from = 0; from < kCores; ++from) {
    for (std::size_t to = 0; to < kCores; ++to) {
      while (mail.flush(from, to)) receive(to, kAll);
      receive(to, kAll);
      EXPECT_EQ(received[from][to], posted[from][to]);
    }
  }
}

struct Itself {
  std::size_t operator()(int message) const { return static_cast<std::size_t>(message); }
};

TEST(Mailboxes, WhatWaitsBesideAFullQueueCountsWithAllThatItHolds) {
  Mailboxes<int, Itself> mail(2, 2);
  const std::size_t empty = mail.memory_of(0);
  mail.post(0, 1, 1000);
  mail.post(0, 1, 2000);
  EXPECT_EQ(mail.memory_of(0), empty);
  mail.post(0, 1, 4000);
  mail.post(0, 1, 5000);
  EXPECT_EQ(mail.memory_of(0), empty + 9000 + 2 * sizeof(int));
  EXPECT_EQ(mail.memory_of(1), empty);
  mail.flush(0, 1);
  EXPECT_EQ(mail.memory_of(0), empty + 9000 + 2 * sizeof(int)) << "there is no room yet";
  mail.receive(1, 1, [](std::size_t, int&&) {});
  mail.flush(0, 1);
  EXPECT_EQ(mail.memory_of(0), empty + 5000 + sizeof(int));
  mail.receive(1, kAll, [](std::size_t, int&&) {});
  mail.flush(0, 1);
  EXPECT_EQ(mail.memory_of(0), empty);
}

TEST(Mailboxes, TwoThreadsWriteToEachOtherThroughTinyQueues) {
  constexpr int kLetters = 10'000;
  Mailboxes<int> mail(2, 64);
  std::atomic<int> out_of_order{0};
  const auto correspond = [&](std::size_t self) {
    const std::size_t other = 1 - self;
    int next_out = 0;
    int next_in = 0;
    while (next_out < kLetters || next_in < kLetters || mail.backlog(self, other) > 0) {
      const bool full = mail.flush(self, other);
      for (int i = 0; i < 10 && next_out < kLetters && !full; ++i) {
        mail.post(self, other, int{next_out++});
      }
      const int before = next_in;
      mail.receive(self, 100, [&](std::size_t, int&& what) {
        if (what != next_in++) out_of_order.fetch_add(1);
      });
      if (before == next_in) std::this_thread::yield();
    }
  };
  std::thread thread(correspond, 1u);
  correspond(0);
  thread.join();
  EXPECT_EQ(out_of_order.load(), 0);
  EXPECT_FALSE(mail.has_mail(0));
  EXPECT_FALSE(mail.has_mail(1));
}

}  // namespace
}  // namespace reactor

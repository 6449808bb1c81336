// One function object of several lambdas, for std::visit.
#pragma once

namespace comet {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

// For compilers that do not deduce aggregates yet (P1816), clang before 17.
template <class... F>
Overloaded(F...) -> Overloaded<F...>;

}  // namespace comet

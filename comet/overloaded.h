// One function object of several lambdas, for std::visit.
#pragma once

namespace comet {

template <class... Fs>
struct Overloaded : Fs... {
  using Fs::operator()...;
};

}  // namespace comet

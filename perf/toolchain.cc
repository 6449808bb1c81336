#include "perf/toolchain.h"

#include <gnu/libc-version.h>

#include "perf/paths/meter.h"

namespace perf {
namespace {

#if defined(__has_feature)
#define HAS_FEATURE(name) __has_feature(name)
#else
#define HAS_FEATURE(name) 0
#endif

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__) || \
    HAS_FEATURE(address_sanitizer) || HAS_FEATURE(thread_sanitizer)
constexpr bool kSanitized = true;
#else
constexpr bool kSanitized = false;
#endif

#if defined(NDEBUG) && defined(__OPTIMIZE__)
constexpr bool kOptimised = true;
#else
constexpr bool kOptimised = false;
#endif

#if defined(__clang__)
constexpr const char* kCompiler = "clang++";
constexpr int kCompilerVersion = __clang_major__;
#else
constexpr const char* kCompiler = "g++";
constexpr int kCompilerVersion = __GNUC__;
#endif

#if defined(__x86_64__)
constexpr const char* kMachine = "x86_64";
#elif defined(__aarch64__)
constexpr const char* kMachine = "aarch64";
#else
constexpr const char* kMachine = "other";
#endif

const char* why_not() {
  if (kSanitized) return "a sanitizer's build has other instructions";
  if (!kOptimised) return "a build that is not optimised has other instructions";
  if (!HAS_CALLGRIND) return "valgrind/callgrind.h was not there when this was built";
  return "";
}

}  // namespace

Toolchain toolchain() {
  std::string name = kCompiler;
  name.append("-").append(std::to_string(kCompilerVersion)).append(" ").append(kMachine);
  name.append(" glibc-").append(gnu_get_libc_version());
  return {std::move(name), why_not()};
}

}  // namespace perf

#include "init/rules/manager/state.hpp"

#include <array>

namespace notifybridge::manager {
namespace {

using Word = std::string_view;

// The words are in the order of the enumerations.
constexpr auto active_states = std::to_array<Word>(
    {"inactive", "activating", "active", "reloading", "deactivating", "failed"});
constexpr auto job_types =
    std::to_array<Word>({"start", "verify-active", "stop", "reload", "restart", "try-restart",
                         "try-reload", "reload-or-start", "nop"});
constexpr auto job_results =
    std::to_array<Word>({"done", "canceled", "timeout", "failed", "dependency", "skipped",
                         "invalid", "assert", "unsupported", "collected", "once"});

template <std::size_t size, typename Value>
Word word(const std::array<Word, size>& words, Value value) {
    return words[static_cast<std::size_t>(value)];
}

}  // namespace

std::string_view to_string(ActiveState state) noexcept {
    return word(active_states, state);
}

std::string_view to_string(JobType type) noexcept {
    return word(job_types, type);
}

std::string_view to_string(JobResult result) noexcept {
    return word(job_results, result);
}

}  // namespace notifybridge::manager

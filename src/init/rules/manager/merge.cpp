#include "init/rules/manager/merge.hpp"

#include <algorithm>
#include <array>

namespace notifybridge::manager {
namespace {

using enum JobType;
using Merged = std::optional<JobType>;

constexpr Merged none = std::nullopt;

// The results of merging two types, in the order of the enumeration. The row is the type with the
// greater value, and the column is the other type.
constexpr auto table = std::to_array<std::array<Merged, 5>>({
    //            start            verify_active  stop   reload   restart
    /* start */ {{start, none, none, none, none}},
    /* verify */ {{start, verify_active, none, none, none}},
    /* stop */ {{none, none, stop, none, none}},
    /* reload */ {{reload_or_start, reload, none, reload, none}},
    /* restart */ {{restart, restart, none, restart, restart}},
});

}  // namespace

std::optional<JobType> merge(JobType one, JobType other) noexcept {
    if (one == nop || other == nop)
        return one == nop ? other : one;
    const auto less = static_cast<std::size_t>(std::min(one, other));
    const auto greater = static_cast<std::size_t>(std::max(one, other));
    return table[greater][less];
}

JobType collapse(JobType type, ActiveState state) noexcept {
    using enum JobType;
    switch (type) {
        case try_restart:
            return is_up_or_starting(state) ? restart : nop;
        case try_reload:
            return is_up(state) ? reload : nop;
        case reload_or_start:
            return is_up(state) ? reload : start;
        default:
            return type;
    }
}

std::optional<JobType> merge_and_collapse(JobType one, JobType other, ActiveState state) noexcept {
    const auto merged = merge(one, other);
    if (!merged)
        return std::nullopt;
    return collapse(*merged, state);
}

bool is_redundant(JobType type, ActiveState state) noexcept {
    using enum JobType;
    switch (type) {
        case start:
        case verify_active:
            return is_up(state);
        case stop:
            return is_down(state);
        case reload:
            return state == ActiveState::reloading;
        case restart:
            // A restart always has work to do. Even a unit that is only starting may have processes
            // that the restart must replace.
            return false;
        default:
            return true;
    }
}

}  // namespace notifybridge::manager

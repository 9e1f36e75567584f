#include <array>

#include "init/files/load/honoured_types.hpp"

namespace notifybridge::load {
namespace {

using unit::Dependency;

constexpr auto target_sections = std::to_array<std::string_view>({"Unit", "Target", "Install"});

constexpr auto target_defaults = std::to_array<NamedDependency>({
    {Dependency::conflicts, "shutdown.target"},
    {Dependency::before, "shutdown.target"},
});

JobWords words_of_target(const unit::Settings&) {
    return {.started = "Reached target ", .stopped = "Stopped target "};
}

}  // namespace

TypeRow target_row() {
    return {
        .sections = target_sections,
        .defaults = target_defaults,
        .follows_what_it_pulls_in = true,
        .has_start_limit = false,
        .words = words_of_target,
    };
}

}  // namespace notifybridge::load

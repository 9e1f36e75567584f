#include "bridge/status/symptoms.hpp"

#include <signal.h>

#include <span>
#include <string_view>

#include "base/util/base_name.hpp"
#include "bridge/runtime/manager_command.hpp"

namespace notifybridge::status {
namespace {

Starter starter_of(const UnitFacts& unit, std::span<const std::string> words) {
    if (unit.source_path.ends_with(".container"))
        return Starter::quadlet;
    const std::string_view program = words.empty() ? "" : util::base_name(words[0]);
    const std::string_view verb = words.size() < 2 ? "" : std::string_view(words[1]);
    for (std::size_t at = 0; at + 1 < words.size(); ++at)
        if (words[at + 1] == "init" && util::base_name(words[at]) != "podman")
            return Starter::init;
    if (program == "notifybridge" && verb == "run")
        return Starter::run;
    if (program == "host-notify-waiter" || (program == "notifybridge" && verb == "wait"))
        return Starter::wait;
    if (program == "container-notify-wrapper" || (program == "notifybridge" && verb == "wrap"))
        return Starter::wrap;
    return Starter::other;
}

}  // namespace

Symptoms symptoms_of(UnitFacts unit, std::vector<LogLine> log) {
    const std::vector<std::string> words = words_of_exec_start(unit.exec_start);
    Symptoms symptoms;
    const bool is_manager_first = !words.empty() && runtime::is_manager(words[0]);
    symptoms.command =
        is_manager_first ? read_container_command(words, false) : read_start_command(words);
    symptoms.starter = starter_of(unit, words);
    symptoms.unit = std::move(unit);
    symptoms.log = std::move(log);
    return symptoms;
}

std::optional<process::ExitStatus> end_of(const UnitFacts& unit) {
    if (unit.main_code == 0)
        return std::nullopt;
    return unit.main_code == CLD_EXITED ? process::ExitStatus::exited(unit.main_status)
                                        : process::ExitStatus::killed(unit.main_status);
}

}  // namespace notifybridge::status

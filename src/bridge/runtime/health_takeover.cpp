#include "bridge/runtime/health_takeover.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "bridge/runtime/health_check.hpp"
#include "bridge/runtime/health_options.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;
using Words = std::vector<std::string>;

Words joined(Words first, const Words& second) {
    first.insert(first.end(), second.begin(), second.end());
    return first;
}

}  // namespace

HealthTakeover take_over_health_check(std::span<const std::string> command,
                                      const ManagerCommand& places,
                                      std::span<const std::string> wrap_options, ImageHealth ask) {
    HealthTakeover takeover;
    if (!uses_health_check(wrap_options))
        return takeover;
    HealthOptions line = read_health_options(command, places);
    const bool has_command = line.has_command || has_health_command(wrap_options);
    if (line.is_off) {
        if (!has_command)
            takeover.words = {std::string(no_health_check)};
        return takeover;
    }
    for (const std::string_view name : line.unknown)
        takeover.warnings.push_back(concat("unknown health option ", util::quote(name),
                                           ": ignoring it in the check that `wrap` "
                                           "runs"));
    takeover.words = std::move(line.words);
    if (has_health_option(wrap_options, "both") || line.has_action)
        return takeover;
    takeover.switches_off = has_command;
    if (places.manager->images == Manager::Images::storage) {
        takeover.switches_off = true;
        takeover.words = joined({"--health=use"}, takeover.words);
    } else if (places.manager->images == Manager::Images::daemon && !has_command) {
        if (Words image = ask(); !image.empty() && image.front() != no_health_check) {
            takeover.switches_off = true;
            takeover.words = joined(std::move(image), takeover.words);
        }
    }
    if (takeover.switches_off)
        for (const std::string_view name : line.ignored)
            takeover.warnings.push_back(
                concat("ignoring ", name,
                       ": `wrap` runs the regular health check from the start; if the app needs "
                       "more time, set --health-start-period="));
    return takeover;
}

}  // namespace notifybridge::runtime

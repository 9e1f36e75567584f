#include <algorithm>

#include "base/util/concat.hpp"
#include "bridge/wrap/speaker.hpp"

/// What follows from the options of the speaker alone.
namespace notifybridge::wrap {
namespace {

bool needs_sockets(const probe::Specification& specification) {
    return std::holds_alternative<probe::ListenTarget>(specification.target)
           || std::holds_alternative<probe::ListenLocalTarget>(specification.target);
}

bool is_of_health(const probe::Specification& specification) {
    return std::holds_alternative<probe::HealthyTarget>(specification.target);
}

/// Returns what decides about readiness, for messages. The default of --ready-when= is the targets
/// of --proxy=.
std::string_view condition_of(const Speaker::Options& options) {
    using probe::Specification;
    if (options.is_health_default)
        return "the health check";
    if (options.is_listen_default)
        return "-p";
    const bool is_target = std::ranges::equal(options.ready_when, options.targets, {},
                                              &Specification::text, &Specification::text);
    return is_target ? "--proxy" : "--ready-when";
}

}  // namespace

bool Speaker::Options::use_directory() const {
    return on_ready || on_stopping || on_dead || health
           || (alive_when && alive_when->uses_directory)
           || std::ranges::any_of(ready_when, &probe::Specification::uses_directory);
}

bool Speaker::Options::need_sockets() const {
    return std::ranges::any_of(ready_when, needs_sockets)
           || (alive_when && needs_sockets(*alive_when));
}

std::string Speaker::Options::ready_condition() const {
    if (ready_when.empty())
        return {};
    if (is_health_default)
        return "the app sends READY=1, or the health check succeeds";
    if (is_listen_default) {
        const auto& ports = std::get<probe::ListenTarget>(ready_when.front().target).ports;
        return util::concat("the app sends READY=1, or listens on ", probe::describe(ports),
                            ", because -p publishes ", ports.size() == 1 ? "it" : "them");
    }
    std::string probes;
    for (const probe::Specification& specification : ready_when)
        probes += util::concat(probes.empty() ? "" : " and ", specification.text);
    return util::concat(probes, ready_when.size() == 1 ? " succeeds (" : " succeed (",
                        condition_of(*this), ')');
}

bool Speaker::Options::counts_own_ready() const {
    return ready_when.empty() || are_default()
           || std::ranges::any_of(ready_when, [](const auto& specification) {
                  return std::holds_alternative<probe::NotifyTarget>(specification.target);
              });
}

bool Speaker::Options::kills_dead() const {
    return on_dead == "kill";
}

SpeakingPlan::Options Speaker::Options::plan() const {
    SpeakingPlan::Options out;
    out.has_conditions = !ready_when.empty();
    out.kills_dead = kills_dead();
    // With the probe `notify`, the command notifies, and reports its reloads, too.
    out.reports_reloads = !ready_when.empty() && (are_default() || !counts_own_ready());
    out.is_by_default = are_default();
    out.condition = condition_of(*this);
    out.ready_status = ready_status;
    out.extension = ready_extend;
    out.timeout = readiness.timeout;
    if (health && std::ranges::any_of(ready_when, is_of_health))
        out.health_start = probe::HealthPlan(*health).time_to_start();
    return out;
}

}  // namespace notifybridge::wrap

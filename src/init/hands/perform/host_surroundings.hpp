#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/system/clock.hpp"
#include "init/hands/perform/host_state.hpp"
#include "init/rules/manager/surroundings.hpp"

namespace notifybridge::perform {

/// The engine's access to this system.
class HostSurroundings final : public manager::Surroundings {
public:
    explicit HostSurroundings(HostState& state) : state_(state) {}

    system::Moment now() const override { return system::now(); }
    bool can_test(const manager::Unit& unit) override;
    bool holds(const manager::Unit& unit, const std::vector<unit::Condition>& conditions,
               unit::UnmetConditions& unmet) override;
    bool is_mount_point(const std::string& path) override;
    bool has_processes(const manager::Unit& unit) override;
    void end(unit::EmergencyAction action, int status) override;
    void say(util::Severity severity, const manager::Unit* unit, std::string_view text) override;

    /// Removes all data about a unit.
    void forget(const manager::Unit& unit) { answers_.erase(unit.key()); }

private:
    /// The results of the conditions that a child tested for a job of a unit.
    struct Answers {
        std::uint64_t job = 0;
        std::map<std::pair<std::string, std::string>, std::optional<bool>> met = {};
    };

    bool takes_child(const unit::Condition& condition);
    std::optional<bool> look(const unit::Condition& condition) const;
    std::vector<const unit::Condition*> slow_conditions(const manager::Unit& unit);
    void take(const std::string& key, std::uint64_t job, const std::vector<unit::Condition>& tested,
              std::string_view answer);
    std::optional<bool> is_met(const Answers* answers, const unit::Condition& condition);

    HostState& state_;
    std::map<std::string, Answers> answers_;  ///< The answers by the keys of units.
};

}  // namespace notifybridge::perform

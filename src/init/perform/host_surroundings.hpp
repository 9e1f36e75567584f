#pragma once

#include "base/system/clock.hpp"
#include "init/manager/surroundings.hpp"
#include "init/perform/host_state.hpp"

namespace notifybridge::perform {

/// The engine's access to this system.
class HostSurroundings final : public manager::Surroundings {
public:
    explicit HostSurroundings(HostState& state) : state_(state) {}

    system::Moment now() const override { return system::now(); }
    bool holds(const manager::Unit& unit, const std::vector<unit::Condition>& conditions,
               unit::UnmetConditions& unmet) override;
    bool is_mount_point(const std::string& path) override;
    bool has_processes(const manager::Unit& unit) override;
    void end(unit::EmergencyAction action, int status) override;
    void say(util::Severity severity, const manager::Unit* unit, std::string_view text) override;

private:
    HostState& state_;
};

}  // namespace notifybridge::perform

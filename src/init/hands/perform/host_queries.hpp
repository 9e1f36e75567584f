#pragma once

#include "init/hands/perform/host_state.hpp"
#include "init/hands/perform/reaper.hpp"
#include "init/rules/manager/running_units.hpp"

namespace notifybridge::perform {

/// The answers to queries about the units that run on this system.
class HostQueries final : public manager::RunningUnits {
public:
    HostQueries(HostState& state, Reaper& reaper) : state_(state), reaper_(reaper) {}

    manager::Unit* unit_of(pid_t pid) override;
    std::vector<pid_t> processes_of(const manager::Unit& unit) override;
    manager::UnitIds ids_of(const manager::Unit& unit) const override;
    manager::GroupUsage usage_of(const manager::Unit& unit) const override;
    unsigned stored_fds(const manager::Unit& unit) override;
    std::vector<std::string> log(const manager::Unit& unit, std::size_t lines, util::Severity least,
                                 std::uint64_t since) const override;
    void set_on_line(OnLine on_line) override;
    std::string kill_by_hand(const manager::Unit& unit, manager::KillWhom whom,
                             int signal) override;

private:
    HostState& state_;
    Reaper& reaper_;
};

}  // namespace notifybridge::perform

#pragma once

#include <memory>
#include <optional>
#include <string>

#include "base/event/deadline.hpp"
#include "base/event/signals.hpp"
#include "base/event/wakeup.hpp"
#include "init/calls/calls.hpp"
#include "init/control/server.hpp"
#include "init/daemon/unit_files.hpp"
#include "init/daemon/upward.hpp"
#include "init/daemon/world.hpp"
#include "init/manager/engine.hpp"

namespace notifybridge::daemon {

/// The service manager: units of the files, run by the engine, in one event loop, until the whole
/// ends.
class Init final : private properties::Household {
public:
    struct Settings {
        std::string root;  ///< Empty: all paths are the system's own.
        std::string unit_path;
        std::string unit = "default.target";
        Upward::Way upward;
    };

    explicit Init(Settings settings);
    ~Init() override;

    /// Boots, runs, and ends; returns the exit status.
    int run();

private:
    // Household
    std::string_view system_state() const override;
    std::vector<std::string> environment() override;
    void set_environment(const std::vector<std::string>& assignments) override;
    void unset_environment(const std::vector<std::string>& names) override;
    std::vector<std::string> log(const manager::Unit& unit, std::size_t lines) override;
    std::string unit_file_state(const manager::Unit& unit) override;
    std::string unit_file_preset(const manager::Unit& unit) override;
    const manager::Unit* unit_of(pid_t pid) override;
    std::vector<pid_t> processes_of(const manager::Unit& unit) override;
    execute::Identity identity_of(const manager::Unit& unit) override {
        return world_.identity_of(unit);
    }
    execute::GroupUsage usage_of(const manager::Unit& unit) override;
    std::vector<std::string> unit_path() const override;
    bool files_have_changed(const manager::Unit& unit) override;
    unsigned stored_fds(const manager::Unit& unit) override;
    void reload_files() override;
    void end(std::uint8_t status) override;
    std::string kill(manager::Unit& unit, manager::KillWhom whom, int signal) override;

    /// Makes `changed` the environment: the manager's own variables come first, then what was set,
    /// both sorted. What had taken the place of an own one gives it back.
    void order_environment(unit::Environment changed);
    bool boot();
    void arm_timer();
    void tell_of_target(const manager::Unit& unit, manager::ActiveState before);
    bool enqueue(std::string_view name, manager::JobType type, unit::JobMode mode);
    event::Awaitable<> run_engine();
    event::Awaitable<> heed_signals();
    void heed(int signal);
    event::Awaitable<> reap_more();
    void note_abort(int signal);
    void shut_down(std::string_view why);
    bool is_going_down();
    void tell_of_end();
    void look_at_progress();
    event::Awaitable<> finish();

    Settings settings_;
    event::Loop loop_;
    event::Signals signals_;
    UnitFiles files_;
    system::UniqueFd claim_;  ///< Before anything of the run directory is touched.
    Upward upward_;
    World world_;
    const std::vector<std::string> own_environment_;  ///< Before anybody changed it.
    manager::Engine engine_;
    calls::Calls calls_;
    std::optional<control::Server> server_;
    event::Wakeup due_;
    event::Wakeup more_ended_;  ///< Than were reaped at once.
    event::Deadline timer_;
    enum class Phase { booting, running, ending, over };
    Phase phase_ = Phase::booting;
    bool is_stopping_ = false;  ///< The host was told that the end begins.
    std::optional<std::uint8_t> wanted_status_;
};

}  // namespace notifybridge::daemon

#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "init/rules/unit_types/path_state.hpp"
#include "init/rules/unit_types/paths.hpp"
#include "init/rules/unit_types/trigger.hpp"

namespace notifybridge::unit_types {

/// A path unit: the state machine of systemd 252 (systemd.path(5)). Starts the triggered unit when
/// a rule of the path unit holds. Checks the rules again when the triggered unit has ended.
class Path final : public Trigger {
public:
    Path(manager::Engine& engine, Paths& paths, load::LoadedUnit loaded);

    manager::ActiveState active_state() const override { return unit_types::active_state(state_); }
    std::string_view sub_state() const override { return to_string(state_); }
    manager::Verdict start() override;
    void settings_replaced(const unit::Settings& before) override;
    void settings_changed() override;
    void trigger_changed(manager::Unit& triggered) override;
    std::uint64_t deadline() const override { return look_at_; }
    void deadline_passed() override;
    std::vector<std::string> trigger_environment() const override;

    // The class Paths calls these functions to report events. `rule_changed` reports that the path
    // of a PathChanged= or PathModified= has changed.
    void rule_changed(std::size_t rule);
    /// Reports that `Paths` can answer for the first time since `watch`. Until then, it answers
    /// that no file exists.
    void first_answered();
    /// Reports that the paths of other rules may have changed.
    void look_again();

private:
    using State = PathState;
    /// The event after which the paths are checked.
    enum class After { start, event, end_of_unit };

    const unit::PathSettings& path() const { return settings().path; }
    const std::string& unit_name() const override { return path().unit; }
    void set_down(bool has_failed) override;
    void set_state(State state);
    void make_directories();
    bool follows(const manager::Unit& triggered) const;
    bool holds(std::size_t rule, After after, std::string& trigger);
    std::optional<std::string> find_trigger(After after);
    void enter_waiting(After after);
    void enter_running(std::string trigger);

    Paths& paths_;
    State state_ = State::dead;
    std::vector<bool> existed_;  ///< Whether the path of each rule existed at the last check.
    std::string trigger_;        ///< The path that caused the start of the triggered unit.
    manager::RateLimit limit_;
    /// The time of the check after a change of the triggered unit, or 0 if no check is due. The
    /// check is postponed, because the triggered unit may be in the middle of a transaction.
    std::uint64_t look_at_ = 0;
};

}  // namespace notifybridge::unit_types

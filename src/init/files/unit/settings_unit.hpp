#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "init/files/unit/settings_values.hpp"

/// The settings of [Unit] and [Install] (systemd.unit(5)).
namespace notifybridge::unit {

/// The dependencies that a file may name. A directive and its former name are one kind.
enum class Dependency : std::uint8_t {
    requires_unit,
    requisite,
    wants,
    binds_to,
    upholds,
    conflicts,
    before,
    after,
    on_success,
    on_failure,
    propagates_reload_to,
    reload_propagated_from,
    propagates_stop_to,
    stop_propagated_from,
    part_of,
    joins_namespace_of,
    count,
};

enum class JobMode : std::uint8_t {
    fail,
    replace,
    replace_irreversibly,
    isolate,
    flush,
    ignore_dependencies,
    ignore_requirements,
    triggering,
    restart_dependencies,
};

/// The actions that affect the whole system (systemd.unit(5), FailureAction=).
enum class EmergencyAction : std::uint8_t {
    none,
    reboot,
    reboot_force,
    reboot_immediate,
    poweroff,
    poweroff_force,
    poweroff_immediate,
    exit,
    exit_force,
    soft_reboot,
    soft_reboot_force,
    kexec,
    kexec_force,
    halt,
    halt_force,
    halt_immediate,
};

struct Condition {
    std::string type;         ///< "PathExists" for ConditionPathExists= and AssertPathExists=.
    std::string parameter;    ///< The condition's parameter. If it is a path, it is absolute.
    bool is_trigger = false;  ///< "|": at least one condition with this mark must hold.
    bool is_negated = false;  ///< Whether "!" precedes the parameter.
};

/// The conditions that do not hold. The pointers point into the settings of the unit.
using UnmetConditions = std::vector<const Condition*>;

enum class CollectMode : std::uint8_t { inactive, inactive_or_failed };

/// The names for each kind of dependency. A unit uses only a few of the kinds.
class DependencyNames {
public:
    /// Returns the names of a kind. The reference is valid until this function is called with
    /// another kind.
    Names& operator[](Dependency kind);
    const Names& operator[](Dependency kind) const;
    /// Removes repeated names in each kind. Keeps the first of equal names.
    void drop_repeated();

private:
    struct Written {
        Dependency kind;
        Names names;
    };

    std::vector<Written> all_;
};

struct UnitSettings {
    /// The description. Empty if the unit's name serves as the description.
    std::string description;
    Rare<Names> documentation;
    Rare<std::string> source_path;
    DependencyNames dependencies;
    Rare<Paths> requires_mounts_for;
    bool stop_when_unneeded = false;
    bool refuse_manual_start = false;
    bool refuse_manual_stop = false;
    bool allow_isolate = false;
    bool default_dependencies = true;
    bool ignore_on_isolate = false;
    JobMode on_success_job_mode = JobMode::fail;
    JobMode on_failure_job_mode = JobMode::replace;
    TimeSpan job_timeout = util::infinity;
    std::optional<TimeSpan> job_running_timeout;
    Rare<std::string> job_timeout_reboot_argument;
    TimeSpan start_limit_interval = std::chrono::seconds(10);
    unsigned start_limit_burst = 5;
    CollectMode collect_mode = CollectMode::inactive;
    EmergencyAction job_timeout_action = EmergencyAction::none;
    EmergencyAction start_limit_action = EmergencyAction::none;
    EmergencyAction failure_action = EmergencyAction::none;
    EmergencyAction success_action = EmergencyAction::none;
    std::optional<std::uint8_t> failure_action_exit_status;
    std::optional<std::uint8_t> success_action_exit_status;
    Rare<std::string> reboot_argument;
    Rare<std::vector<Condition>> conditions;
    Rare<std::vector<Condition>> asserts;
};

struct InstallSettings {
    Names alias;
    Names wanted_by;
    Names required_by;
    Names upheld_by;
    Names also;
    std::string default_instance;
};

}  // namespace notifybridge::unit

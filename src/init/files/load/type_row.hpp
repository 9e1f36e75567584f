#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "init/files/directive/directive.hpp"
#include "init/files/unit/load_state.hpp"
#include "init/files/unit/messages.hpp"
#include "init/files/unit/name.hpp"
#include "init/files/unit/settings.hpp"

/// The table of unit types, with the rules that differ between types. The classes in
/// init/rules/unit_types implement the behaviour of the types.
namespace notifybridge::load {

/// A dependency on a named unit.
struct NamedDependency {
    unit::Dependency kind;
    std::string_view name;
};

/// The words before a unit's label in systemd's message about the end of a job: "Started
/// foo.service - Does foo."
struct JobWords {
    std::string_view started = "Started ";
    std::string_view stopped = "Stopped ";
    std::string_view failed_to_start = "Failed to start ";
    std::string_view failed_to_stop = "Failed stopping ";
};

inline JobWords usual_words(const unit::Settings&) {
    return {};
}

/// A row of the table. In the row for types that we do not honour, only `sections` is set.
struct TypeRow {
    // The sections that files of this type may have.
    std::span<const std::string_view> sections;
    /// The directives that `systemctl show` prints before those of [Unit], in order.
    std::span<const directive::Row> shown = {};
    /// Whether `systemctl show` prints the settings of the unit's processes after `shown`.
    bool runs_processes = false;
    /// Completes the sections of this type, as `load::complete` documents. Null if there is nothing
    /// to complete.
    unit::LoadState (*complete)(unit::Settings& settings, const unit::UnitName& name,
                                unit::Place file, unit::Messages& messages) = nullptr;

    // The following members concern the dependencies that a unit has without a directive for them.
    /// The dependencies of DefaultDependencies=yes, in the order in which they are added.
    std::span<const NamedDependency> defaults = {};
    /// Returns the dependencies that follow from other settings. This pointer is null if units of
    /// this type have no such dependencies.
    std::span<const NamedDependency> (*implied)(const unit::Settings& settings) = nullptr;
    /// Returns the unit that a unit of this type triggers. The trigger is ordered before that unit.
    /// Returns an empty text if that unit is not known yet. Null if this type triggers no units.
    std::string_view (*triggered)(const unit::Settings& settings) = nullptr;
    /// Returns whether the unit runs commands. If so, the unit is ordered after the units that
    /// prepare directories for commands. Null if this type never runs commands.
    bool (*has_commands)(const unit::Settings& settings) = nullptr;
    /// Whether a unit of this type is ordered after the units that it pulls in.
    bool follows_what_it_pulls_in = false;

    // The following members concern jobs.
    bool has_start_limit = true;  ///< Whether StartLimitIntervalSec= and StartLimitBurst= apply.
    JobWords (*words)(const unit::Settings& settings) = usual_words;
};

const TypeRow& type_row(unit::UnitType type);

}  // namespace notifybridge::load

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "init/rules/manager/state.hpp"

namespace notifybridge::manager {

class Unit;

/// The reason why a request is refused.
struct Refusal {
    std::string text;  ///< The text for people, as systemctl prints it.
    /// The last part of the D-Bus error's name: "NoSuchUnit", "JobTypeNotApplicable".
    std::string error;
    /// Whether the name begins with org.freedesktop.systemd1. If false, the name begins with
    /// org.freedesktop.DBus.Error.
    bool is_systemds = true;
};

/// Returns the reason why no unit with this name can be loaded. Returns nullopt if the name is
/// valid.
std::optional<Refusal> refuse_name(std::string_view name);

/// Returns the reason why a transaction cannot have a job of this type for the unit. The reason is
/// in the unit's files or the unit's type. Returns nullopt if a transaction can have the job.
std::optional<Refusal> refuse_job(JobType type, const Unit& unit);

/// Returns whether a job is refused only because units of this type cannot have such a job. A
/// transaction skips such a job if another job pulled it in.
bool is_inapplicable(const Refusal& refusal);

/// Returns the reason why users may not request a job of this type: RefuseManualStart=,
/// RefuseManualStop= (systemd.unit(5)), or a stop of a unit that does not exist. Returns nullopt if
/// users may request the job.
std::optional<Refusal> refuse_by_hand(JobType type, const Unit& unit);

/// Returns the job type for reload-or-restart if `type` is `restart`, and for try-reload-or-restart
/// if `type` is `try_restart`.
JobType reload_if_possible(JobType type, const Unit& unit);

}  // namespace notifybridge::manager

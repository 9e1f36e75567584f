#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "init/manager/state.hpp"

namespace notifybridge::manager {

class Unit;

/// The reason why a request is refused.
struct Refusal {
    std::string text;  ///< The text for people, as systemctl prints it.
    /// The last part of the D-Bus error's name: "NoSuchUnit", "JobTypeNotApplicable".
    std::string error;
    /// Whether the error is systemd's own, and not a general one of D-Bus.
    bool is_systemds = true;
};

/// Returns why no unit with this name can be loaded.
std::optional<Refusal> refuse_name(std::string_view name);

/// Returns why no transaction can have such a job. The reason is in the unit's files, or the unit's
/// type.
std::optional<Refusal> refuse_job(JobType type, const Unit& unit);

/// Returns whether a job is refused only because the unit's type does not have it. If such a job
/// would only follow from another job, it is skipped.
bool is_inapplicable(const Refusal& refusal);

/// Returns why users may not request such a job: RefuseManualStart=, RefuseManualStop=
/// (systemd.unit(5)), or a stop of a unit that does not exist.
std::optional<Refusal> refuse_by_hand(JobType type, const Unit& unit);

/// Returns the job type for reload-or-restart or try-reload-or-restart. `type` is `restart` or
/// `try_restart`.
JobType reload_if_possible(JobType type, const Unit& unit);

}  // namespace notifybridge::manager

#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "init/manager/state.hpp"

namespace notifybridge::manager {

class Unit;

/// Why a request is refused.
struct Refusal {
    std::string text;   ///< For people, as systemctl prints it.
    std::string error;  ///< The D-Bus error's last part: "NoSuchUnit", "JobTypeNotApplicable".
    bool is_systemds = true;  ///< The error is one of systemd's own, and not of D-Bus in general.
};

/// Returns why no unit with this name can be loaded.
std::optional<Refusal> refuse_name(std::string_view name);

/// Returns why such a job cannot be part of any transaction: because of the unit's files, or its
/// type.
std::optional<Refusal> refuse_job(JobType type, const Unit& unit);

/// Returns whether a job is refused only because the unit's type does not have it. Such a job is
/// skipped if it would only have followed from another.
bool is_inapplicable(const Refusal& refusal);

/// Returns why users may not ask for such a job: RefuseManualStart=, RefuseManualStop=
/// (systemd.unit(5)), or a stop of a unit that does not exist.
std::optional<Refusal> refuse_by_hand(JobType type, const Unit& unit);

/// Returns the job for reload-or-restart or try-reload-or-restart, given `restart` or
/// `try_restart`.
JobType reload_if_possible(JobType type, const Unit& unit);

}  // namespace notifybridge::manager

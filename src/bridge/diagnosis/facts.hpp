#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process/exit_status.hpp"
#include "base/util/tags.hpp"
#include "bridge/diagnosis/diagnosis.hpp"
#include "bridge/diagnosis/symptoms.hpp"

namespace notifybridge::diagnosis {

/// The symptoms of a unit, as the rows of a table see them. The condition of a row may keep what it
/// has found for the slots of the row's texts.
struct Facts {
    explicit Facts(const Symptoms& all)
        : symptoms(all), unit(all.unit), command(all.command), end(end_of(all.unit)) {}

    const Symptoms& symptoms;  ///< Must outlive the facts.
    const UnitFacts& unit;
    const StartCommand& command;
    std::optional<process::ExitStatus> end;  ///< How the main process ended.

    const LogLine* line = nullptr;  ///< The line of the log that the condition has found.
    std::string_view part = {};     ///< The part of the line that {said} shows.
    std::string found = {};         ///< Another text that the condition has found, for {found}.
    std::vector<std::string> units = {};  ///< Names of other units, such as sockets, for {units}.
    std::optional<Diagnosis> other = {};  ///< Another diagnosis, for {cause} and {remedy}.
    std::string probe = {};               ///< A probe that has not succeeded, with the reason.

    /// These functions keep a line or its part, or a text. They return whether there is one.
    bool keep(const LogLine* kept);
    bool keep_first(const LogLine* kept);   ///< What was seen: the part before the first "; ".
    bool keep_reason(const LogLine* kept);  ///< The part after the first "; ".
    bool keep(std::string text);
    bool keep(std::optional<Diagnosis> diagnosis);

    /// Returns whether the main process exited with this status, or its end is not known any more.
    bool may_have_status(int status) const;
};

/// Returns the last line of this kind. A line of ours is preferred. Returns null if there is none.
const LogLine* last_of(const Facts& facts, LogLine::Kind kind);

/// Like `last_of`, for a line with this tag.
const LogLine* last_tagged(const Facts& facts, tags::Tag tag);

/// Returns whether systemd has this result for the unit.
bool has_result(const Facts& facts, std::string_view result);
bool timed_out(const Facts& facts);

/// Returns whether the main process was killed. The main process is `wait` or `wrap`, so a fault of
/// the app is not the cause.
bool was_killed(const Facts& facts);

/// Returns whether the app put itself into the background, so that its first process ended.
bool is_daemon(const Facts& facts);

/// Returns the names of those units that are in this state.
std::vector<std::string> names_in_state(const std::vector<UnitFacts>& units,
                                        std::string_view active_state);

/// Returns whether the container's command was probably started.
bool has_app_run(const Facts& facts);

}  // namespace notifybridge::diagnosis

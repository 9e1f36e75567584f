#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/process/exit_status.hpp"
#include "base/system/clock.hpp"
#include "base/util/function_ref.hpp"
#include "base/util/tags.hpp"
#include "bridge/diagnosis/machine.hpp"
#include "bridge/diagnosis/start_command.hpp"
#include "bridge/diagnosis/unit.hpp"
#include "bridge/diagnosis/unit_log.hpp"

namespace notifybridge::diagnosis {

/// The way in which a unit starts the program that notifies systemd. The advice about a setting
/// depends on this.
enum class Starter {
    run,      ///< `notifybridge run` starts the program.
    wait,     ///< `notifybridge wait` starts the program, with a command line written by hand.
    wrap,     ///< `notifybridge wrap` starts the program without a container.
    quadlet,  ///< Quadlet has made the unit from a .container file.
    init,     ///< `notifybridge init` starts the program in the container.
    other,    ///< A script or another command starts the program.
};

/// The run before the current one.
struct LastRun {
    UnitFacts unit;  ///< How the run ended; see read_last_run().
    std::vector<LogLine> log = {};
};

/// Facts about a unit that show the cause of its failure.
struct Symptoms {
    const UnitFacts& unit;  ///< Must outlive the symptoms.
    StartCommand command = {};
    Starter starter = Starter::other;
    runtime::DockerOwner docker = runtime::DockerOwner::machine;  ///< Whose dockerd the unit uses.
    /// The virtual machine of the unit; nullopt if `wait` does not have --listen.
    std::optional<Machine> machine = {};
    std::vector<LogLine> log = {};             ///< The log of the last start.
    std::optional<LastRun> last_run = {};      ///< Set if systemd has just restarted the unit.
    std::vector<UnitFacts> sockets = {};       ///< The .socket units that start the unit.
    std::vector<UnitFacts> timers = {};        ///< The .timer units that start an inactive unit.
    std::vector<UnitFacts> requirements = {};  ///< The units that an inactive unit requires.
    bool was_asked_to_stop = false;  ///< Whether somebody requested a stop of a failed unit.
    system::Moment now = {};         ///< When the facts were collected.
    bool has_run = false;            ///< False if it is known that no `wrap` runs.
};

/// Collects the facts about `unit`, which must outlive the result. Reads the words of the unit's
/// ExecStart=.
Symptoms symptoms_of(const UnitFacts& unit, std::vector<LogLine> log);

/// Returns the symptoms of the previous run. They refer to `symptoms`, which must have a `last_run`
/// and outlive the result.
Symptoms symptoms_of_last_run(const Symptoms& symptoms);

/// Returns how the unit's main process ended. Returns nullopt if the process has not ended.
std::optional<process::ExitStatus> end_of(const UnitFacts& unit);

/// Returns the signal that ended the app, or 0. Container managers and a `wrap` with pid 1 report
/// 128 + signal.
int signal_of(process::ExitStatus end);

/// Returns whether the main process ended with success, or by SIGTERM as in a normal stop.
bool has_ended_well(const UnitFacts& unit);

/// These functions return whether systemd reports the unit as running, and as ready.
bool is_alive(const UnitFacts& unit);
bool is_ready(const UnitFacts& unit);

/// Returns whether the unit became active after the last start of its main process.
bool was_active(const UnitFacts& unit);

/// Returns the name of the container manager in ExecStart=. Returns "podman" if there is none.
std::string_view manager_name(const Symptoms& symptoms);

/// Returns the last line of ours that `matches`, or else the last such line of another writer.
/// Returns null if there is none.
const LogLine* find_line(const Symptoms& symptoms, util::FunctionRef<bool(const LogLine&)> matches);

/// Returns the last line of ours that `matches`. Returns null if there is none.
const LogLine* find_own_line(const Symptoms& symptoms,
                             util::FunctionRef<bool(const LogLine&)> matches);

/// Returns the last line with this tag. A line of ours is preferred. Returns null if there is none.
const LogLine* find_tagged(const Symptoms& symptoms, tags::Tag tag);

/// Returns `part` of a line's text for a cause. If the line is not ours, the part is quoted,
/// because the container may have written it.
std::string said(const LogLine& line, std::string_view part);

/// Returns the value of --stop-timeout if the log shows that `wait` sent SIGKILL after this time.
/// Otherwise, returns an empty text.
std::string span_before_kill(const Symptoms& symptoms);

/// Returns the first time span in `text` before any quotation, such as "1min 30s". Returns an empty
/// text if there is none. The container may have written the text, so nothing else of it may be
/// shown without quotes.
std::string time_span_in(std::string_view text);

/// Returns the first line about the end of the container's command, or about the signal with which
/// systemd ended the unit. A line of ours is preferred. Returns null if there is none.
const LogLine* logged_end(const Symptoms& symptoms);

/// Returns "; its last line is …" with the last line of another program, which is probably the app.
/// Returns an empty text if there is no such line.
std::string last_words(const Symptoms& symptoms);

}  // namespace notifybridge::diagnosis

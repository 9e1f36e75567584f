#pragma once

#include <boost/json/object.hpp>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/util/function_ref.hpp"
#include "base/util/literal.hpp"
#include "base/util/time_span.hpp"
#include "init/files/install/presets.hpp"

/// Implements `ctl`: verbs of systemctl(1) and systemd-analyze(1), and `logs`. Most verbs call
/// `init` over its control socket.
namespace notifybridge::ctl {

namespace json = boost::json;

// The exit statuses in systemctl(1), EXIT STATUS, which come from LSB.
inline constexpr int status_failure = 1;
inline constexpr int status_not_running = 3;
inline constexpr int status_no_permission = 4;
inline constexpr int status_not_installed = 5;
inline constexpr int status_not_implemented = 3;
inline constexpr int status_unknown_unit = 4;

/// An exception that reports a failed operation. If systemctl prints a text in this case, the text
/// in what() is the same.
struct Failure : std::runtime_error {
    explicit Failure(const std::string& text, int exit_status = status_failure)
        : runtime_error(text), status(exit_status) {}

    int status;
};

/// The format of timestamps (systemctl(1), --timestamp=).
struct TimestampStyle {
    bool is_number = false;  ///< Whether to print "@" and seconds since 1970.
    bool has_microseconds = false;
    bool is_utc = false;
};

/// Returns the run directory of the user's own manager if the user has one, or else "/run".
std::string usual_run_directory();

/// The checked options of the command line.
struct Options {
    /// The manager's run directory, which has the control socket.
    std::string run_directory = "/run";
    /// Whether to change and list the unit files that the service managers of all users share.
    bool is_global = false;
    std::string root;  ///< The value of --root=, the root directory of the unit files.
    std::string job_mode = "replace";
    std::string kill_whom = "all";
    int signal = 15;  ///< SIGTERM
    install::PresetMode preset_mode = install::PresetMode::full;
    unsigned lines = 10;
    /// For logs: the least severe priority to print; empty for all priorities.
    std::string priority;
    bool follows = false;  ///< For logs: whether to wait for new lines and print them.
    TimestampStyle timestamp;
    unsigned iterations = 1;  ///< For calendar: the number of elapse times to show.
    /// For calendar: show times after this time; empty for the current time.
    std::string base_time;
    /// For critical-chain: a unit is also shown if it became active at most this time before the
    /// last unit.
    util::TimeSpan fuzz{};
    std::vector<std::string> types;
    std::vector<std::string> states;
    std::vector<std::string> properties;
    /// Whether --property= was given. `properties` may still be empty.
    bool has_properties = false;
    bool is_quiet = false;
    bool is_all = false;
    bool is_plain = false;
    bool is_full = false;
    bool is_json = false;
    bool is_json_pretty = false;
    bool is_reverse = false;
    bool is_after = false;
    bool is_before = false;
    bool has_legend = true;
    bool has_colour = false;
    bool blocks = true;
    bool waits = false;
    bool is_now = false;
    bool is_runtime = false;
    std::string drop_in;       ///< For edit: the name of the drop-in; empty for override.conf.
    bool reads_stdin = false;  ///< For edit: whether to read the contents from standard input.
    bool is_forced = false;
    bool reloads = true;  ///< Whether the manager reloads the unit files after a change.
    bool shows_values_only = false;
    bool shows_transaction = false;
    bool shows_types = false;  ///< For list-sockets: whether to show the type of each socket.
    /// Whether the load path includes the unit files that are built into this program. These files
    /// are not on the disk.
    bool has_built_in = true;
};

/// A verb and its arguments.
struct Context {
    const Options& options;
    std::string verb;
    std::vector<std::string> operands;

    /// Calls the manager. Throws Failure if no manager answers, or if the manager refuses the call.
    /// The text of a refusal is `failed`, followed by the manager's text.
    void call(const json::object& request, util::FunctionRef<void(const json::object&)> take = {},
              std::string_view failed = {}) const;
};

struct Verb {
    util::Literal name;
    unsigned least_operands;
    unsigned most_operands;
    int (*run)(const Context& context);  ///< Runs the verb, and returns the exit status.
};

inline constexpr unsigned any_number = static_cast<unsigned>(-1);

/// Runs the verb that the first operand names, or list-units if there are no operands.
int run(const Options& options, std::span<const std::string> operands);

}  // namespace notifybridge::ctl

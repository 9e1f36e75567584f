#include <cerrno>

#include "base/system/error.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/verbs.hpp"
#include "init/files/unit/log_level.hpp"

/// Implements `logs`, which prints the output of a unit.
namespace notifybridge::ctl {
namespace {

using util::concat;

void print_log_line(const json::object& answer) {
    system::out() << util::escape_unseen(text(answer, "line")) << '\n';
    if (!system::flush_out())
        throw Failure(
            concat("Failed to write the log to standard output: ", system::describe(errno)));
}

}  // namespace

int show_logs(const Context& context) {
    const Options& options = context.options;
    // For this verb, -p and -f have the same meaning as for journalctl.
    const std::string priority = !options.priority.empty()    ? options.priority
                                 : options.properties.empty() ? "debug"
                                                              : options.properties.front();
    const auto least = unit::our_log_level(priority);
    if (!least)
        throw Failure(
            concat("Unknown priority '", priority,
                   "'; give one of emerg, alert, crit, err, warning, notice, info, debug."));
    const bool follows = options.follows || options.is_forced;
    const std::string unit = unit_name(context.operands.front(), ".service", options);
    bool is_any = false;
    context.call({{"call", follows ? "follow-log" : "log"},
                  {"needs_access", true},
                  {"unit", unit},
                  {"lines", options.lines},
                  {"priority", *least}},
                 [&](const json::object& answer) {
                     is_any = true;
                     print_log_line(answer);
                 });
    if (!is_any && !options.is_quiet)
        system::out() << "-- No entries --\n";
    return 0;
}

}  // namespace notifybridge::ctl

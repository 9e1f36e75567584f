#pragma once

#include <sys/types.h>

#include <boost/system/error_code.hpp>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/event/descriptor.hpp"
#include "base/util/function_ref.hpp"
#include "init/hands/output/line_writer.hpp"
#include "init/hands/output/logged_message.hpp"
#include "init/hands/output/output_lines.hpp"
#include "init/hands/output/recent_lines.hpp"

namespace notifybridge::output {

/// The rules for the output of a process (systemd.exec(5), SyslogIdentifier= and similar).
struct OutputFormat {
    std::string identifier;  ///< The name of the process for a syslog daemon.
    unsigned facility = daemon_facility;
    util::Severity severity = util::Severity::info;  ///< The severity of lines without a priority.
    bool has_priorities = true;  ///< Whether a prefix such as "<3>" is the priority of a line.
};

/// The log that collects the output of units in place of the journal. It writes each line to our
/// standard output as "UNIT[PID]: TEXT", and keeps the last lines.
///
/// If the reader of our output is too slow, processes that write faster have to wait, as with the
/// journal. If our output has no reader, lines are dropped.
class OutputLog {
public:
    OutputLog(event::Loop& loop, system::Fd output);

    /// Reads the output of a unit's process from `reading`, until all writers have closed their
    /// ends. `pid` is 0 if the process is not known. Returns an error if epoll cannot watch the
    /// descriptor.
    [[nodiscard]] boost::system::error_code attach(const std::string& unit, pid_t pid,
                                                   system::UniqueFd reading, OutputFormat format);

    /// Calls `read` whenever `reading` is readable and there is room for more lines, until the loop
    /// ends. `read` must add some lines, or return false if there was nothing to read. Returns an
    /// error if epoll cannot watch the descriptor.
    [[nodiscard]] boost::system::error_code attach(system::UniqueFd reading,
                                                   std::function<bool()> read);

    /// The function to call with each line of a process's output. May be empty.
    std::function<void(const std::string& unit, pid_t pid, const LoggedMessage& line)> on_output;
    /// The function to call with each line of the manager itself. May be empty.
    std::function<void(util::Severity severity, std::string_view text)> on_say;

    /// Adds a line that a process of the unit sent to the system log.
    void add(const std::string& unit, pid_t pid, util::Severity severity, std::string_view text);
    /// Adds a line that a process of no unit sent to the system log.
    void add(std::string_view line);
    /// Adds a line that the manager logs about a unit.
    void say(const std::string& unit, util::Severity severity, std::string_view text);
    /// Adds a line of the manager that is not about a unit.
    void say(util::Severity severity, std::string_view text);

    /// Reads what was written to the log before this call by the units for which `concerns` returns
    /// true. Must be called when a process has ended, so that its last output precedes the report
    /// of its end.
    void catch_up(util::FunctionRef<bool(const std::string& unit)> concerns);

    const RecentLines& recent() const { return recent_; }
    RecentLines& recent() { return recent_; }
    std::size_t attached() const { return sources_.size(); }

    /// Reads from all descriptors until the loop ends.
    event::Awaitable<> run();
    /// Writes the queued lines until the loop ends.
    event::Awaitable<> run_writer() { return writer_.run(); }

private:
    struct Source {
        std::string unit;
        pid_t pid;
        system::UniqueFd fd;
        OutputFormat format;
        OutputLines lines;
    };

    /// A descriptor that the caller of `attach` reads.
    struct Port {
        system::UniqueFd fd;
        std::function<bool()> read;
    };

    boost::system::error_code watch(system::Fd fd);
    bool read(int fd);
    bool read(Source& source);
    void read_written(int fd, util::FunctionRef<bool(const std::string& unit)> concerns);
    void take(const Source& source, util::Severity severity, std::string_view text);
    event::Awaitable<> read_round();

    event::Loop& loop_;
    LineWriter writer_;
    RecentLines recent_;
    std::map<int, Source> sources_;  ///< The sources by their descriptors.
    std::map<int, Port> ports_;      ///< The ports by their descriptors.
    /// An epoll(7) of all descriptors. It needs only one descriptor and one coroutine.
    std::optional<event::Descriptor> readable_;
};

}  // namespace notifybridge::output

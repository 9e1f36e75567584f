#pragma once

#include <sys/types.h>

#include <boost/system/error_code.hpp>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/event/descriptor.hpp"
#include "init/output/line_writer.hpp"
#include "init/output/output_lines.hpp"
#include "init/output/recent_lines.hpp"

namespace notifybridge::output {

/// What units write where others have the journal: each line goes to our standard output as
/// "UNIT[PID]: TEXT", and the last ones are kept. A process that writes faster than they can go
/// there waits, as it would for the journal; what nobody reads is dropped.
class OutputLog {
public:
    OutputLog(event::Loop& loop, system::Fd output);

    /// Reads what a process of the unit writes, with priorities or without, until all who have the
    /// other end are gone. The error where that cannot be waited for.
    [[nodiscard]] boost::system::error_code attach(const std::string& unit, pid_t pid,
                                                   system::UniqueFd reading,
                                                   bool has_priorities = true);

    /// A line of ours about a unit.
    void say(const std::string& unit, util::Severity severity, std::string_view text);
    /// A line of ours about no unit.
    void say(std::string_view text);

    /// Takes what is there now, at most a mebibyte of each: to be called when a process has ended,
    /// so that its last words come before what is said of that. Costs nothing for those that have
    /// written nothing.
    void catch_up();

    const RecentLines& recent() const { return recent_; }
    RecentLines& recent() { return recent_; }
    std::size_t attached() const { return sources_.size(); }

    /// These read and write until the loop ends.
    event::Awaitable<> run();
    event::Awaitable<> run_writer() { return writer_.run(); }

private:
    struct Source {
        std::string unit;
        pid_t pid;
        system::UniqueFd fd;
        OutputLines lines;
    };

    bool read(Source& source);
    void take(const Source& source, util::Severity severity, std::string_view text);
    event::Awaitable<> read_round();

    event::Loop& loop_;
    LineWriter writer_;
    RecentLines recent_;
    std::map<int, Source> sources_;  ///< By their descriptors.
    /// An epoll(7) of all: a descriptor each, and one coroutine, whatever their number.
    std::optional<event::Descriptor> readable_;
};

}  // namespace notifybridge::output

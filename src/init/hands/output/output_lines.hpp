#pragma once

#include <string>
#include <string_view>

#include "base/util/function_ref.hpp"
#include "base/util/log.hpp"

namespace notifybridge::output {

/// A splitter that cuts the output of a process into lines, as the journal does. A line ends with a
/// newline or a NUL. A prefix such as "<3>" is the priority of the line (sd-daemon(3)). The
/// splitter removes trailing white space, and skips empty lines.
class OutputLines {
public:
    using Take = util::FunctionRef<void(util::Severity severity, std::string_view text)>;

    /// Creates a splitter. If `has_priorities` is false, a prefix such as "<3>" is plain text
    /// (SyslogLevelPrefix=). Lines without a prefix have the severity `usual` (SyslogLevel=).
    explicit OutputLines(bool has_priorities = true, util::Severity usual = util::Severity::info)
        : has_priorities_(has_priorities), usual_(usual) {}

    void add(std::string_view bytes, Take take);

    /// Ends the output. If the last line has no line end, passes this line to `take`, too.
    void end(Take take);

    /// The length in bytes at which a line is cut into pieces (journald.conf(5), LineMax=).
    static constexpr std::size_t longest_line = 48 * 1024;

private:
    void take_line(std::string_view line, Take take) const;

    std::string partial_;
    bool has_priorities_;
    util::Severity usual_;
};

}  // namespace notifybridge::output

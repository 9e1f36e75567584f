#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "base/util/log.hpp"

namespace notifybridge::output {

/// What a process writes, as lines, by the rules of the journal's streams: a line ends with a
/// newline or a NUL; "<3>" and so on in front is its priority (sd-daemon(3)); white space at its
/// end is cut, and what is empty then is no line.
class OutputLines {
public:
    using Take = std::function<void(util::Severity severity, std::string_view text)>;

    /// Without priorities, "<3>" is text as any other (SyslogLevelPrefix=).
    explicit OutputLines(bool has_priorities = true) : has_priorities_(has_priorities) {}

    void add(std::string_view bytes, const Take& take);

    /// No more bytes come: what has no end of line is a line too.
    void end(const Take& take);

    /// A longer one is cut in pieces (journald.conf(5), LineMax=).
    static constexpr std::size_t longest_line = 48 * 1024;

private:
    void take_line(std::string_view line, const Take& take) const;

    std::string partial_;
    bool has_priorities_;
};

}  // namespace notifybridge::output

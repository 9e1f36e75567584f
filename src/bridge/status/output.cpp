#include "bridge/status/output.hpp"

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/error.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/wrap_lines.hpp"

namespace notifybridge::status {

void print(std::string_view text) {
    if (system::out() << text << std::flush)
        return;
    // Clear the error, because the flush at exit would report it again.
    system::out().clear();
    system::throw_errno("write", "standard output");
}

std::string fit(std::string text, std::size_t indent) {
    const auto width = cli::line_width(output);
    return width ? util::wrap_lines(text, *width, indent) : std::move(text);
}

std::string to_text(const diagnosis::Findings& findings, bool coloured) {
    constexpr std::size_t column = findings_indent;
    std::string out;
    for (const diagnosis::Finding& finding : findings.all()) {
        const bool is_good = finding.verdict == diagnosis::Finding::Verdict::good;
        const bool is_problem = finding.verdict == diagnosis::Finding::Verdict::problem;
        const std::string_view word = is_good ? "ok" : is_problem ? "problem" : "note";
        const std::string_view colour = !coloured    ? ""
                                        : is_good    ? "\x1b[32m"
                                        : is_problem ? "\x1b[1;31m"
                                                     : "\x1b[33m";
        out += util::concat(
            colour, word, colour.empty() ? "" : "\x1b[0m", std::string(9 - word.size(), ' '),
            finding.subject,
            std::string(
                column > 9 + finding.subject.size() ? column - 9 - finding.subject.size() : 1, ' '),
            finding.text, '\n');
        if (!is_good && !finding.advice.empty())
            out += util::concat(std::string(column, ' '), finding.advice, '\n');
    }
    return out;
}

void print_findings(const diagnosis::Findings& findings) {
    print(fit(to_text(findings, cli::wants_colour(output)), findings_indent));
}

}  // namespace notifybridge::status

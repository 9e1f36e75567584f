#include "bridge/status/output.hpp"

#include "base/cli/log.hpp"
#include "base/cli/settings.hpp"
#include "base/system/error.hpp"
#include "base/system/streams.hpp"
#include "base/util/wrap_lines.hpp"
#include "bridge/status/check.hpp"
#include "bridge/status/overview_text.hpp"

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

void print_findings(const diagnosis::Findings& findings) {
    print(fit(to_text(findings, cli::wants_colour(output)), findings_indent));
}

}  // namespace notifybridge::status

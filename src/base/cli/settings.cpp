#include "base/cli/settings.hpp"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>

#include "base/process/environment.hpp"
#include "base/process/inherited_fds.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/number.hpp"
#include "base/util/time_span.hpp"

namespace notifybridge::cli {

std::optional<std::string> variable(const char* name) {
    auto value = process::environment_variable(name);
    return value && !value->empty() ? std::move(value) : std::nullopt;
}

std::string variable_or_empty(std::string_view name) {
    return variable(std::string(name).c_str()).value_or("");
}

std::optional<std::chrono::microseconds> watchdog_period() {
    const auto usec = variable("WATCHDOG_USEC");
    const auto pid = variable("WATCHDOG_PID");
    if (!usec || (pid && !process::is_meant_for_us(*pid)))
        return std::nullopt;
    const auto period = util::parse_usec(*usec);
    return period && period->count() > 0 ? period : std::nullopt;
}

bool is_terminal(system::Fd output) {
    const char* const terminal = std::getenv("TERM");
    return ::isatty(output.get()) && (!terminal || std::string_view(terminal) != "dumb");
}

bool wants_colour(system::Fd output) {
    return is_terminal(output) && !variable("NO_COLOR");
}

std::optional<std::size_t> line_width(system::Fd output) {
    if (const auto columns = variable("COLUMNS"))
        if (const auto width = util::parse_number<std::size_t>(*columns); width && *width > 0)
            return width;
    struct winsize size {};
    if (::ioctl(output.get(), TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return std::nullopt;
    return size.ws_col;
}

std::optional<std::chrono::microseconds> time_span_option(const Arguments& arguments,
                                                          std::string_view name) {
    const auto text = arguments.value(name);
    if (!text)
        return std::nullopt;
    return parse_time_span_setting(util::concat("--", name), *text);
}

std::chrono::microseconds parse_time_span_setting(std::string_view setting, std::string_view text) {
    if (const auto span = util::parse_time_span(text))
        return *span;
    throw UsageError(util::concat(setting, '=', util::quote(text),
                                  " is not a time span; give seconds, or for example \"1min 30s\","
                                  " \"100ms\" or \"infinity\""));
}

}  // namespace notifybridge::cli

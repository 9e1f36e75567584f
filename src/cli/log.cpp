#include "cli/log.hpp"

#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <boost/log/attributes/value_extraction.hpp>
#include <boost/log/core.hpp>
#include <boost/log/expressions/message.hpp>
#include <boost/log/sinks/basic_sink_backend.hpp>
#include <boost/log/sinks/unlocked_frontend.hpp>
#include <boost/log/sources/record_ostream.hpp>
#include <boost/log/sources/severity_channel_logger.hpp>
#include <boost/make_shared.hpp>
#include <cerrno>
#include <cstdlib>
#include <ctime>

#include "cli/settings.hpp"
#include "util/concat.hpp"

namespace notifybridge::cli {
namespace {

namespace logging = boost::log;
using util::Severity;
using util::Topic;

using Logger = logging::sources::severity_channel_logger<Severity, Topic>;

/// So long a reader of our standard error may take no more, in ms. What we do is not held up for
/// longer by what we say of it.
constexpr int patience = 1000;

/// Whether there is room for more of a line. A terminal that is stopped has none, as a full pipe.
bool has_room() {
    static bool is_stuck = false;
    pollfd standard_error{STDERR_FILENO, POLLOUT, 0};
    int ready = 0;
    while ((ready = ::poll(&standard_error, 1, is_stuck ? 0 : patience)) < 0 && errno == EINTR) {
    }
    is_stuck = ready == 0;
    return !is_stuck;
}

void write_line(const std::string& line) {
    // One write(2) per line: lines of several processes with one terminal or file do not mix.
    std::string_view rest = line;
    while (!rest.empty() && has_room()) {
        const ssize_t written = ::write(STDERR_FILENO, rest.data(), rest.size());
        if (written < 0 && errno == EINTR)
            continue;
        if (written <= 0)
            return;  // There is nobody left to tell.
        rest.remove_prefix(static_cast<std::size_t>(written));
    }
}

char priority(Severity severity) {
    // syslog(3): LOG_ERR, LOG_WARNING, LOG_NOTICE, LOG_INFO, LOG_DEBUG.
    constexpr std::array<char, 5> priorities = {'3', '4', '5', '6', '7'};
    return priorities[static_cast<std::size_t>(severity)];
}

std::string clock_time() {
    const std::time_t now = std::time(nullptr);
    std::tm local{};
    ::localtime_r(&now, &local);
    std::array<char, 16> text;
    return {text.data(), std::strftime(text.data(), text.size(), "%H:%M:%S", &local)};
}

std::string_view mark(Severity severity, bool coloured) {
    if (severity == Severity::error)
        return coloured ? "\x1b[1;31merror:\x1b[0m " : "error: ";
    if (severity == Severity::warning)
        return coloured ? "\x1b[33mwarning:\x1b[0m " : "warning: ";
    return "";
}

/// Boost.Log's own stream backend writes a record in two pieces.
class StandardErrorBackend
    : public logging::sinks::basic_sink_backend<logging::sinks::concurrent_feeding> {
public:
    void consume(const logging::record_view& record) {
        const auto severity = *logging::extract<Severity>("Severity", record);
        const std::string_view name =
            *logging::extract<Topic>("Channel", record) == Topic::process ? "MAIN" : "PROXY";
        const std::string text = *record[logging::expressions::smessage];
        const std::string start = is_journal_
                                      ? util::concat('<', priority(severity), ">[", name, "] ")
                                      : util::concat('[', name, ' ', clock_time(), "] ");
        write_line(util::concat(start, mark(severity, is_coloured_), text, '\n'));
    }

private:
    bool is_journal_ = stderr_is_journal();
    bool is_coloured_ = !is_journal_ && wants_colour(system::Fd(STDERR_FILENO));
};

/// Made with the first record: most runs have none.
Logger& logger() {
    static Logger the_logger = [] {
        using Sink = logging::sinks::unlocked_sink<StandardErrorBackend>;
        logging::core::get()->add_sink(boost::make_shared<Sink>());
        return Logger(logging::keywords::channel = Topic::process);
    }();
    return the_logger;
}

void log_record(Severity severity, Topic topic, std::string_view text) {
    Logger& to = logger();
    if (auto record = to.open_record(
            (logging::keywords::channel = topic, logging::keywords::severity = severity))) {
        logging::record_ostream stream(record);
        stream << text;
        stream.flush();
        to.push_record(std::move(record));
    }
}

Severity parse_level(const std::string& level) {
    constexpr std::array<std::string_view, 5> names = {"error", "warning", "notice", "info",
                                                       "debug"};
    for (std::size_t at = 0; at < names.size(); ++at)
        if (level == names[at])
            return static_cast<Severity>(at);
    throw UsageError(util::concat("--log-level: '", level,
                                  "' is not one of error, warning, notice, info, debug"));
}

}  // namespace

bool stderr_is_journal() {
    const char* const stream = std::getenv("JOURNAL_STREAM");
    struct stat status;
    if (!stream || ::fstat(STDERR_FILENO, &status) < 0)
        return false;
    return util::concat(status.st_dev, ':', status.st_ino) == stream;
}

void set_up_log(const Arguments& arguments) {
    Severity level = arguments.has(verbose_option.name) ? Severity::info : Severity::notice;
    if (const auto chosen = arguments.value(log_level_option.name))
        level = parse_level(*chosen);
    util::set_log(level, log_record);
}

void write_error_line(std::string_view text) {
    write_line(util::concat(stderr_is_journal() ? "<3>" : "", text, '\n'));
}

}  // namespace notifybridge::cli

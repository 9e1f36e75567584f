#include "base/cli/log.hpp"

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
#include <cstdlib>
#include <ctime>
#include <utility>

#include "base/cli/record_writer.hpp"
#include "base/cli/settings.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/severity_name.hpp"

namespace notifybridge::cli {
namespace {

namespace logging = boost::log;
using util::Severity;
using util::Topic;

using Logger = logging::sources::severity_channel_logger<Severity, Topic>;

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

struct Form {
    bool is_journal = stderr_is_journal();
    bool is_coloured = !is_journal && wants_colour(system::Fd(STDERR_FILENO));
};

std::string record_of(Severity severity, Topic topic, std::string_view text) {
    static const Form form;
    const std::string_view name = topic == Topic::process ? "MAIN" : "PROXY";
    const std::string start = form.is_journal
                                  ? util::concat('<', util::priority_of(severity), ">[", name, "] ")
                                  : util::concat('[', name, ' ', clock_time(), "] ");
    return util::concat(start, mark(severity, form.is_coloured), text, '\n');
}

RecordWriter& standard_error() {
    static RecordWriter writer(system::Fd(STDERR_FILENO), [](std::string_view sentence) {
        return record_of(Severity::warning, Topic::process, sentence);
    });
    return writer;
}

bool live_line_is_shown = false;

/// The control sequence that clears the line from the cursor on. It removes the live line, but not
/// the output of other programs.
constexpr std::string_view clear_to_end = "\x1b[K";

/// Writes a record, replacing the live line if it is shown.
void write_record(std::string_view record) {
    const bool was_shown = std::exchange(live_line_is_shown, false);
    standard_error().write(was_shown ? util::concat(clear_to_end, record) : std::string(record));
}

/// A backend that writes each record at once. Boost.Log's own stream backend would write a record
/// in two pieces.
class StandardErrorBackend
    : public logging::sinks::basic_sink_backend<logging::sinks::concurrent_feeding> {
public:
    void consume(const logging::record_view& record) {
        const std::string text = *record[logging::expressions::smessage];
        write_record(record_of(*logging::extract<Severity>("Severity", record),
                               *logging::extract<Topic>("Channel", record), text));
    }
};

/// Returns the logger. The first call creates the logger, because most runs log nothing.
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
    if (const auto severity = util::severity_named(level))
        return *severity;
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

void prepare_log() {
    // Load the time zone now. localtime_r(3) would read it from a file, which may be unreachable
    // later.
    if (!stderr_is_journal())
        ::tzset();
    standard_error();
}

void write_error_line(std::string_view text) {
    write_record(util::concat(stderr_is_journal() ? "<3>" : "", text, '\n'));
}

void show_live_line(std::string_view text) {
    // The control sequences save and restore the cursor, so that the next writer overwrites this
    // line. They turn line wrap off, because `text` may be long (ECMA-48; DECSC, DECRC, DECAWM).
    standard_error().write(
        util::concat("\x1b\x37\x1b[?7l", util::escape(text), clear_to_end, "\x1b[?7h\x1b\x38"));
    live_line_is_shown = true;
}

void clear_live_line() {
    if (std::exchange(live_line_is_shown, false))
        standard_error().write(clear_to_end);
}

}  // namespace notifybridge::cli

#include "base/util/log.hpp"

namespace notifybridge::util {
namespace {

Severity most_said = Severity::error;
LogSink current_sink = nullptr;

}  // namespace

void set_log(Severity most, LogSink sink) noexcept {
    most_said = most;
    current_sink = sink;
}

bool logs(Severity severity) noexcept {
    return current_sink && severity <= most_said;
}

void log_text(Severity severity, Topic topic, std::string_view text) {
    if (logs(severity))
        current_sink(severity, topic, text);
}

}  // namespace notifybridge::util

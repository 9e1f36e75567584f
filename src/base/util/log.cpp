#include "base/util/log.hpp"

#include <utility>

#include "base/util/log_copy.hpp"

namespace notifybridge::util {
namespace {

Severity most_said = Severity::error;
LogSink current_sink = nullptr;
std::function<void(Severity, std::string_view)> current_copy;

}  // namespace

void set_log(Severity most, LogSink sink) noexcept {
    most_said = most;
    current_sink = sink;
}

void copy_log(std::function<void(Severity, std::string_view)> copy) {
    current_copy = std::move(copy);
}

bool logs(Severity severity) noexcept {
    return current_sink && severity <= most_said;
}

void log_text(Severity severity, Topic topic, std::string_view text) {
    if (!logs(severity))
        return;
    current_sink(severity, topic, text);
    if (current_copy)
        current_copy(severity, text);
}

}  // namespace notifybridge::util

#pragma once

#include <string>
#include <string_view>

#include "base/util/concat.hpp"

/// Creates log records. `set_log` sets their destination. Before that call, nothing is logged.
namespace notifybridge::util {

/// The severities of records, from the most to the least urgent.
enum class Severity { error, warning, notice, info, debug };

/// The subject of a record: the process and its command, or the socket and its messages.
enum class Topic { process, messages };

using LogSink = void (*)(Severity, Topic, std::string_view text);

void set_log(Severity most, LogSink sink) noexcept;

/// Returns whether a record of this severity would be written. Call this before costly formatting.
bool logs(Severity severity) noexcept;

void log_text(Severity severity, Topic topic, std::string_view text);

/// Logs the text of all `parts`. Joins them only if the record will be written.
template <typename... Parts>
void log(Severity severity, Topic topic, const Parts&... parts) {
    if (logs(severity))
        log_text(severity, topic, concat(parts...));
}

/// A log for one of several objects of the same kind. Each record begins with the object's name:
/// "db: …".
class NamedLog {
public:
    /// `name` is empty if there is only one object. In this case, records have no prefix.
    explicit NamedLog(std::string_view name = {}) : prefix_(name) {
        if (!name.empty())
            prefix_ += ": ";
    }

    template <typename... Parts>
    void operator()(Severity severity, Topic topic, const Parts&... parts) const {
        log(severity, topic, prefix_, parts...);
    }

private:
    std::string prefix_;
};

}  // namespace notifybridge::util

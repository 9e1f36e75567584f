#pragma once

#include <string>
#include <string_view>

#include "base/util/concat.hpp"

/// Where records are made. What becomes of them is decided once, by the edge, with `set_log`; until
/// then there is no log. This is the only global.
namespace notifybridge::util {

/// In the order of how much is said.
enum class Severity { error, warning, notice, info, debug };

/// What a record is about: the process and the command it runs, or the socket and its messages.
enum class Topic { process, messages };

using LogSink = void (*)(Severity, Topic, std::string_view text);

void set_log(Severity most, LogSink sink) noexcept;

/// Whether a record of this severity goes anywhere, for what is costly to put together.
bool logs(Severity severity) noexcept;

void log_text(Severity severity, Topic topic, std::string_view text);

/// Logs the text of all `parts`, which are put together only where the record goes anywhere.
template <typename... Parts>
void log(Severity severity, Topic topic, const Parts&... parts) {
    if (logs(severity))
        log_text(severity, topic, concat(parts...));
}

/// Logs what is about one of several alike, whose name its records begin with: "db: …".
class NamedLog {
public:
    /// No name is that of one that is alone.
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

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "bridge/runtime/call.hpp"

namespace notifybridge::runtime {

/// A line of a runtime's --log, as runc writes it: podman and docker show the "msg" of the last.
std::string failure_line(std::string_view sentence, bool is_json,
                         std::chrono::system_clock::time_point now);

/// Adds it to the log that the call names, if it names one. A log that cannot be written is none.
void log_failure(const Call& call, std::string_view sentence);

}  // namespace notifybridge::runtime

#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "bridge/runtime/call.hpp"

namespace notifybridge::runtime {

/// Returns a line for a runtime's --log in runc's format. podman and docker show the "msg" of the
/// last line.
std::string failure_line(std::string_view sentence, bool is_json,
                         std::chrono::system_clock::time_point now);

/// Appends the sentence to the log of `call`, if `call` names a log. Ignores a log that cannot be
/// written.
void log_failure(const Call& call, std::string_view sentence);

}  // namespace notifybridge::runtime

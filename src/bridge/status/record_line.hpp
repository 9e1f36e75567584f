#pragma once

#include <string>
#include <string_view>

#include "bridge/channel/record.hpp"
#include "bridge/relay/policy.hpp"

namespace notifybridge::status {

/// Returns a record of the journal on one line without a newline. The line contains the time, the
/// sender, whether `policy` lets the record pass, and the datagram. The datagram is last, so that
/// it cannot imitate other fields. `command` is the sender's name, if it is known. Returns an empty
/// text for a record of the state, with which a rotated journal begins.
std::string to_line(const channel::Record& record, const relay::Policy& policy,
                    std::string_view command = {});

}  // namespace notifybridge::status

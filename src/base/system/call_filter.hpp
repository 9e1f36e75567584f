#pragma once

namespace notifybridge::system {

/// Returns whether a filter limits our system calls, such as systemd's SystemCallFilter=. The
/// filter may kill this process for a call.
bool has_call_filter() noexcept;

}  // namespace notifybridge::system

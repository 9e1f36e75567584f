#pragma once

namespace notifybridge::system {

/// Releases free heap memory, and code that only the start needed. If released code runs again, the
/// kernel loads its page again.
void release_memory() noexcept;

/// Releases free heap memory and the stack below the caller. Parsing options at the start takes
/// more stack than later work.
void release_data() noexcept;

}  // namespace notifybridge::system

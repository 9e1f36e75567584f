#pragma once

namespace notifybridge::system {

/// Releases memory that only the start needed: free heap memory, and code, which is reloaded from
/// the executable page by page when it runs.
void give_back_memory() noexcept;

/// Releases free heap memory and the stack below the caller: parsing options at the start takes
/// more stack than running.
void give_back_data() noexcept;

}  // namespace notifybridge::system

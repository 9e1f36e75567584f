#pragma once

namespace notifybridge::system {

/// Gives back what was needed to start and may never be again: free memory within the heap, and
/// code, which comes back from the executable page by page as it is run.
void give_back_memory() noexcept;

}  // namespace notifybridge::system

#pragma once

namespace notifybridge::system {

/// Gives back what was needed to start and may never be again: free memory within the heap, and
/// code, which comes back from the executable page by page as it is run.
void give_back_memory() noexcept;

/// Gives back free memory within the heap, and the stack below the caller, which a start that reads
/// options takes more of than what runs on.
void give_back_data() noexcept;

}  // namespace notifybridge::system

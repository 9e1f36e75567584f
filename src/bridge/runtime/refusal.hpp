#pragma once

#include <stdexcept>

namespace notifybridge::runtime {

/// Why no container is made: what() is a sentence that says what to do, which container managers
/// show as it is.
struct Refusal : std::runtime_error {
    using runtime_error::runtime_error;
};

}  // namespace notifybridge::runtime

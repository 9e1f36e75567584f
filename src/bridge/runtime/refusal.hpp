#pragma once

#include <stdexcept>

namespace notifybridge::runtime {

/// Says why no container is created. what() is a sentence that also says what to do. Container
/// managers show it unchanged.
struct Refusal : std::runtime_error {
    using runtime_error::runtime_error;
};

}  // namespace notifybridge::runtime

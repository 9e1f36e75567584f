#pragma once

#include <stdexcept>

namespace notifybridge::runtime {

/// The reason why no container is created. what() is a sentence that also describes what to do.
/// Container managers show it unchanged.
struct Refusal : std::runtime_error {
    using runtime_error::runtime_error;
};

}  // namespace notifybridge::runtime

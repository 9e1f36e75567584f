#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/system/pipe.hpp"

namespace notifybridge::proxy {

/// Lends empty pipes to the directions that move bytes right now. So a connection that is silent
/// has no pipe.
class PipePool {
public:
    /// Returns a pipe, or nullopt if this process can have no more descriptors.
    std::optional<system::Pipe> take();

    /// Takes back a pipe, which must be empty.
    void give_back(system::Pipe pipe);

private:
    std::vector<system::Pipe> free_;
};

}  // namespace notifybridge::proxy

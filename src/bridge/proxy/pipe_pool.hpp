#pragma once

#include <cstddef>
#include <optional>
#include <vector>

#include "base/system/pipe.hpp"

namespace notifybridge::proxy {

/// A pool that lends an empty pipe to a direction of a connection while bytes move in that
/// direction. So a silent connection needs no pipe.
class PipePool {
public:
    /// Returns a pipe. Returns nullopt if this process has no descriptors left.
    std::optional<system::Pipe> take();

    /// Stores `pipe`, which must be empty, for later use.
    void put_back(system::Pipe pipe);

private:
    std::vector<system::Pipe> free_;
};

}  // namespace notifybridge::proxy

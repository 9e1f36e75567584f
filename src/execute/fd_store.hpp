#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "system/fd.hpp"

namespace notifybridge::execute {

/// Descriptors that a service keeps with us over its restarts (systemd.service(5),
/// FileDescriptorStoreMax=; sd_notify(3), FDSTORE=1).
class FdStore {
public:
    struct Stored {
        system::UniqueFd fd;
        std::string name;
    };

    /// Keeps it, under "stored" where it has no name. Nothing is kept, and none returned, where
    /// there are `most` already, or it is there.
    system::Fd add(system::UniqueFd fd, std::string_view name, std::size_t most);

    /// Takes out all of this name.
    std::vector<Stored> remove(std::string_view name);
    /// Takes one out that hung up.
    void remove(system::Fd fd);

    const std::vector<Stored>& all() const { return stored_; }
    void clear() { stored_.clear(); }

private:
    std::vector<Stored> stored_;
};

}  // namespace notifybridge::execute

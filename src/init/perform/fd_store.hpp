#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"
#include "base/util/function_ref.hpp"

namespace notifybridge::perform {

/// The descriptors that we keep for a service while it restarts (systemd.service(5),
/// FileDescriptorStoreMax=; sd_notify(3), FDSTORE=1).
class FdStore {
public:
    struct Stored {
        system::UniqueFd fd;
        std::string name;
    };

    /// Keeps and returns the descriptor. Its name is "stored" if `name` is empty. If the store has
    /// `most` descriptors or this file already, does not move `fd` and returns an empty descriptor.
    system::Fd add(system::UniqueFd&& fd, std::string_view name, std::size_t most);

    /// Removes and returns all descriptors for which `is_it` returns true.
    std::vector<Stored> take(util::FunctionRef<bool(const Stored&)> is_it);

    const std::vector<Stored>& all() const { return stored_; }

private:
    std::vector<Stored> stored_;
};

}  // namespace notifybridge::perform

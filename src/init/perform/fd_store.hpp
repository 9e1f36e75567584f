#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/system/fd.hpp"

namespace notifybridge::perform {

/// Descriptors that a service keeps with us over its restarts (systemd.service(5),
/// FileDescriptorStoreMax=; sd_notify(3), FDSTORE=1).
class FdStore {
public:
    struct Stored {
        system::UniqueFd fd;
        std::string name;
    };

    /// Keeps the descriptor; without a name it is called "stored". Leaves `fd` to the caller and
    /// returns none if there are `most` already, or if it is stored already.
    system::Fd add(system::UniqueFd&& fd, std::string_view name, std::size_t most);

    /// Takes out all for which `is_it` holds.
    std::vector<Stored> take(const std::function<bool(const Stored&)>& is_it);

    const std::vector<Stored>& all() const { return stored_; }

private:
    std::vector<Stored> stored_;
};

}  // namespace notifybridge::perform

#pragma once

#include <set>
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
    /// The order of open files by kcmp(2). It finds a file among thousands with a few calls.
    struct ByFile {
        bool operator()(system::Fd a, system::Fd b) const;
    };
    using Files = std::set<system::Fd, ByFile>;

    struct Stored {
        system::UniqueFd fd;
        std::string name;
        Files::iterator file;  ///< The place in the store's set of files.
    };

    /// Keeps and returns the descriptor. Its name is "stored" if `name` is empty. If the store has
    /// `most` descriptors or this file already, does not move `fd` and returns an empty descriptor.
    system::Fd add(system::UniqueFd&& fd, std::string_view name, std::size_t most);

    /// Removes and returns all descriptors for which `is_it` returns true.
    std::vector<Stored> take(util::FunctionRef<bool(const Stored&)> is_it);

    const std::vector<Stored>& all() const { return stored_; }

private:
    std::vector<Stored> stored_;
    Files files_;  ///< The same descriptors as in `stored_`.
};

}  // namespace notifybridge::perform

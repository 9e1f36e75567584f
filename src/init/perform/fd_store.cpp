#include "init/perform/fd_store.hpp"

#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace notifybridge::perform {
namespace {

/// Returns whether `a` and `b` refer to the same open file (kcmp(2)). Returns false if the kernel
/// does not support this check.
bool is_same(system::Fd a, system::Fd b) {
    const pid_t self = ::getpid();
    return ::syscall(SYS_kcmp, self, self, KCMP_FILE, a.get(), b.get()) == 0;
}

}  // namespace

system::Fd FdStore::add(system::UniqueFd&& fd, std::string_view name, std::size_t most) {
    const bool is_there =
        std::ranges::any_of(stored_, [&](const Stored& stored) { return is_same(stored.fd, fd); });
    if (is_there || stored_.size() >= most)
        return {};
    stored_.push_back({std::move(fd), std::string(name.empty() ? "stored" : name)});
    return stored_.back().fd;
}

std::vector<FdStore::Stored> FdStore::take(util::FunctionRef<bool(const Stored&)> is_it) {
    const auto kept = std::stable_partition(stored_.begin(), stored_.end(), std::not_fn(is_it));
    std::vector<Stored> taken(std::make_move_iterator(kept),
                              std::make_move_iterator(stored_.end()));
    stored_.erase(kept, stored_.end());
    return taken;
}

}  // namespace notifybridge::perform

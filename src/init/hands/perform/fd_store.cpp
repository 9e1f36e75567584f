#include "init/hands/perform/fd_store.hpp"

#include <linux/kcmp.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>

namespace notifybridge::perform {

/// If the kernel does not compare files, each descriptor counts as another file.
bool FdStore::ByFile::operator()(system::Fd a, system::Fd b) const {
    constexpr long less = 1;
    constexpr long greater = 2;
    const pid_t self = ::getpid();
    const long order = ::syscall(SYS_kcmp, self, self, KCMP_FILE, a.get(), b.get());
    return order < 0 || order > greater ? a.get() < b.get() : order == less;
}

system::Fd FdStore::add(system::UniqueFd&& fd, std::string_view name, std::size_t most) {
    if (stored_.size() >= most)
        return {};
    const auto [file, is_new] = files_.insert(fd);
    if (!is_new)
        return {};
    stored_.push_back({std::move(fd), std::string(name.empty() ? "stored" : name), file});
    return stored_.back().fd;
}

std::vector<FdStore::Stored> FdStore::take(util::FunctionRef<bool(const Stored&)> is_it) {
    const auto kept = std::stable_partition(stored_.begin(), stored_.end(), std::not_fn(is_it));
    std::vector<Stored> taken(std::make_move_iterator(kept),
                              std::make_move_iterator(stored_.end()));
    stored_.erase(kept, stored_.end());
    for (const Stored& one : taken)
        files_.erase(one.file);
    return taken;
}

}  // namespace notifybridge::perform

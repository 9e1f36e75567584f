#include "init/hands/listen/listeners.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>

#include "base/system/accounts.hpp"
#include "base/system/error.hpp"
#include "base/system/umask.hpp"
#include "base/util/concat.hpp"
#include "init/hands/execute/file_tree.hpp"
#include "init/hands/listen/listen_address.hpp"
#include "init/hands/listen/socket_options.hpp"
#include "init/rules/unit_types/sockets.hpp"

namespace notifybridge::listen {
namespace {

using system::Umask;
using system::UniqueFd;

[[noreturn]] void throw_owner_error(int error, const std::string& what) {
    throw unit_types::OwnerError(std::error_code(error, std::system_category()), what);
}

class Opener {
public:
    Opener(const unit::SocketSettings& settings, InheritedFds& inherited,
           std::vector<std::string>& warnings)
        : settings_(settings), inherited_(inherited), warnings_(warnings) {}

    Listener open(const unit::Listen& listen);
    void link(const std::vector<Listener>& listeners);

private:
    static constexpr auto unchanged = static_cast<unsigned>(-1);
    struct Owner {
        uid_t uid = unchanged;
        gid_t gid = unchanged;
    };

    Umask only_our_mode() const { return Umask(~settings_.socket_mode & 0777); }
    UniqueFd open_socket(const unit::Listen& listen, const ListenAddress& address);
    void bind(const UniqueFd& socket, const ListenAddress& address);
    UniqueFd open_fifo(const std::string& path);
    UniqueFd open_special(const std::string& path) const;
    void make_parents(const std::string& path) const;
    void set_owner(const std::string& path) const;
    bool may_be_ours(const struct stat& status) const;
    Owner owner() const;

    const unit::SocketSettings& settings_;
    InheritedFds& inherited_;
    std::vector<std::string>& warnings_;
};

void Opener::make_parents(const std::string& path) const {
    const Umask none(0);
    if (const int error = execute::make_parents(path, settings_.directory_mode))
        system::throw_error(error, "mkdir", path);
}

void Opener::bind(const UniqueFd& socket, const ListenAddress& address) {
    if (::bind(socket.get(), address.data(), address.size) == 0)
        return;
    // Create the directory only after this error, because the directory usually exists.
    if (errno == ENOENT && !address.path.empty()) {
        make_parents(address.path);
        if (::bind(socket.get(), address.data(), address.size) == 0)
            return;
    }
    // The path belongs to the unit. Remove the file of any other socket, even if that socket is in
    // use.
    const bool is_removed =
        errno == EADDRINUSE && !address.path.empty() && ::unlink(address.path.c_str()) == 0;
    if (!is_removed || ::bind(socket.get(), address.data(), address.size) < 0)
        system::throw_errno("bind");
}

UniqueFd Opener::open_socket(const unit::Listen& listen, const ListenAddress& address) {
    UniqueFd socket(
        ::socket(address.family(), address.type | SOCK_CLOEXEC | SOCK_NONBLOCK, address.protocol));
    if (!socket)
        system::throw_errno("socket");
    set_bind_options(socket, address.family(), settings_);
    if (!address.path.empty()) {
        const Umask mask = only_our_mode();
        bind(socket, address);
        set_owner(address.path);
    } else {
        bind(socket, address);
    }
    const int backlog = static_cast<int>(std::min<unsigned>(settings_.backlog, INT_MAX));
    if (address.accepts() && ::listen(socket.get(), backlog) < 0)
        system::throw_errno("listen");
    for (const std::string& option : set_options(socket, address.family(), settings_))
        warnings_.push_back(util::concat("cannot set ", option, "= for ", listen.address));
    return socket;
}

UniqueFd Opener::open_fifo(const std::string& path) {
    make_parents(path);
    const Umask mask = only_our_mode();
    if (::mkfifo(path.c_str(), settings_.socket_mode) < 0 && errno != EEXIST)
        system::throw_errno("mkfifo");
    UniqueFd fifo(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW));
    struct stat status;
    if (!fifo || ::fstat(fifo.get(), &status) < 0)
        system::throw_errno("open");
    if (!may_be_ours(status))
        system::throw_error(EEXIST, "open");
    set_owner(path);
    const int size = static_cast<int>(std::min<std::uint64_t>(settings_.pipe_size, INT_MAX));
    if (size > 0 && ::fcntl(fifo.get(), F_SETPIPE_SZ, size) < 0)
        warnings_.push_back(util::concat("cannot set PipeSize= for ", path));
    return fifo;
}

UniqueFd Opener::open_special(const std::string& path) const {
    UniqueFd file(::open(path.c_str(), (settings_.writable ? O_RDWR : O_RDONLY) | O_CLOEXEC
                                           | O_NOCTTY | O_NONBLOCK | O_NOFOLLOW));
    struct stat status;
    if (!file || ::fstat(file.get(), &status) < 0)
        system::throw_errno("open");
    if (!S_ISREG(status.st_mode) && !S_ISCHR(status.st_mode))
        system::throw_error(EEXIST, "open");
    return file;
}

/// Returns the ids of SocketUser= and SocketGroup=. An id that is not set leaves the owner
/// unchanged.
Opener::Owner Opener::owner() const {
    Owner owner;
    if (!settings_.user.empty()) {
        const auto user = system::find_user(system::read_passwd(), settings_.user);
        if (!user)
            throw_owner_error(ESRCH, util::concat("SocketUser=", settings_.user));
        owner = {user->uid, user->gid};
    }
    if (!settings_.group.empty()) {
        const auto group = system::find_group(system::read_group(), settings_.group);
        if (!group)
            throw_owner_error(ESRCH, util::concat("SocketGroup=", settings_.group));
        owner.gid = group->gid;
    }
    return owner;
}

void Opener::set_owner(const std::string& path) const {
    const Owner wanted = owner();
    if ((wanted.uid != unchanged || wanted.gid != unchanged)
        && ::lchown(path.c_str(), wanted.uid, wanted.gid) < 0)
        throw_owner_error(errno, util::concat("chown ", path));
}

/// Returns whether the existing FIFO may have been created for this unit.
bool Opener::may_be_ours(const struct stat& status) const {
    return S_ISFIFO(status.st_mode) && (status.st_mode & 0777) == (settings_.socket_mode & 0777)
           && (status.st_uid == ::geteuid() || status.st_uid == owner().uid);
}

Listener Opener::open(const unit::Listen& listen) {
    Listener listener;
    const bool is_fifo = listen.type == unit::ListenType::fifo;
    const bool is_special = listen.type == unit::ListenType::special;
    if (is_fifo)
        listener.path = listen.address;
    listener.fd = inherited_.take(listen, settings_.protocol);
    if (is_fifo || is_special) {
        if (!listener.fd)
            listener.fd = is_fifo ? open_fifo(listen.address) : open_special(listen.address);
        return listener;
    }
    const ListenAddress address = to_address(listen, settings_.protocol);
    listener.path = address.path;
    listener.accepts = address.accepts();
    if (!listener.fd)
        listener.fd = open_socket(listen, address);
    return listener;
}

/// Creates the links of Symlinks=. The links point to the unit's only path, because a unit with
/// several paths is refused.
void Opener::link(const std::vector<Listener>& listeners) {
    const auto file =
        std::ranges::find_if(listeners, [](const Listener& one) { return !one.path.empty(); });
    for (const std::string& path : settings_.symlinks) {
        make_parents(path);
        if (const int error =
                file == listeners.end() ? ENOENT : execute::put_link(file->path, path))
            warnings_.push_back(util::concat("Symlinks=", path, ": ", system::describe(error)));
    }
}

/// Returns whether `fd` is an open descriptor of the FIFO, device or file at `path`. Does not work
/// for sockets, whose addresses must be compared instead.
bool is_same_file(int fd, const std::string& path) {
    struct stat own, other;
    return ::fstat(fd, &own) == 0 && ::stat(path.c_str(), &other) == 0 && own.st_dev == other.st_dev
           && own.st_ino == other.st_ino
           && (S_ISFIFO(own.st_mode) || S_ISCHR(own.st_mode) || S_ISREG(own.st_mode));
}

}  // namespace

UniqueFd InheritedFds::take(const unit::Listen& listen, unit::SocketProtocol protocol) {
    const bool is_file =
        listen.type == unit::ListenType::fifo || listen.type == unit::ListenType::special;
    for (auto fd = fds_.begin(); fd != fds_.end(); ++fd) {
        const bool is_it = is_file ? is_same_file(fd->get(), listen.address)
                                   : has_address(fd->get(), to_address(listen, protocol));
        if (!is_it)
            continue;
        UniqueFd taken = std::move(*fd);
        fds_.erase(fd);
        ::fcntl(taken.get(), F_SETFL, ::fcntl(taken.get(), F_GETFL) | O_NONBLOCK);
        return taken;
    }
    return {};
}

std::vector<Listener> open_listeners(const unit::SocketSettings& settings, InheritedFds& inherited,
                                     std::vector<std::string>& warnings) {
    Opener opener(settings, inherited, warnings);
    std::vector<Listener> listeners;
    for (const unit::Listen& listen : settings.listen) {
        try {
            listeners.push_back(opener.open(listen));
        } catch (const unit_types::OwnerError&) {
            throw;
        } catch (const std::system_error& error) {
            throw std::system_error(error.code(), listen.address);
        }
    }
    opener.link(listeners);
    return listeners;
}

void remove_files(const unit::SocketSettings& settings, const std::vector<Listener>& listeners) {
    if (!settings.remove_on_stop)
        return;
    for (const Listener& listener : listeners)
        if (!listener.path.empty())
            ::unlink(listener.path.c_str());
    for (const std::string& path : settings.symlinks)
        ::unlink(path.c_str());
}

std::string fd_name(const unit::SocketSettings& settings, const std::string& unit) {
    return settings.file_descriptor_name.empty() ? unit : settings.file_descriptor_name;
}

}  // namespace notifybridge::listen

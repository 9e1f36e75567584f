#include "bridge/channel/directory.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/system/namespaces.hpp"
#include "base/system/socket_address.hpp"
#include "base/system/umask.hpp"
#include "base/system/writable.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"

namespace notifybridge::channel {
namespace {

using util::concat;
using util::quote;

[[noreturn]] void refuse(const std::string& path, std::string_view why) {
    throw DirectoryError(concat("shared directory ", quote(path), ": ", why));
}

/// Opens the directory. `advice` returns a text about how to fix an error.
system::UniqueFd open(const std::string& path,
                      std::string (*advice)(const std::string& path, int error)) {
    auto directory = system::open_directory(path);
    if (directory)
        return std::move(*directory);
    const int error = directory.error().value();
    refuse(path, concat(system::describe(error), advice(path, error)));
}

/// Returns advice for the host about a path that exists, but cannot be opened as a directory.
std::string host_open_advice(const std::string&, int error) {
    if (error == ENOTDIR)
        return "; give a directory with --shared-dir";
    if (error == ENOENT)
        return "; if it is a dangling link, remove it, or choose another directory with "
               "--shared-dir";
    return "; choose another with --shared-dir, for example below /run or $XDG_RUNTIME_DIR";
}

struct stat status_of(system::Fd directory, const std::string& path) {
    struct stat status;
    if (::fstat(directory.get(), &status) < 0)
        refuse(path, system::describe(errno));
    return status;
}

/// Opens `path`. Follows a symbolic link at `path` only if root or we own the link. Another user's
/// link could lead anywhere, even to another directory that we own.
system::UniqueFd open_no_foreign_link(const std::string& path) {
    // Remove slashes at the end, because a path with such a slash means the link's target.
    const std::string link = path.substr(0, path.find_last_not_of('/') + 1);
    system::UniqueFd directory(
        ::open(link.c_str(), O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC));
    if (directory || link.empty())
        return directory ? std::move(directory) : open(path, host_open_advice);
    struct stat status;
    const bool is_link = ::lstat(link.c_str(), &status) == 0 && S_ISLNK(status.st_mode);
    if (is_link && status.st_uid != 0 && status.st_uid != ::geteuid())
        refuse(path, concat("it is a symbolic link owned by uid ", status.st_uid, "; remove it"));
    return open(path, host_open_advice);
}

/// Returns the podman option (4.3 and later) that maps the container's user to the caller.
std::string keep_id(uid_t uid, gid_t gid) {
    return concat("`podman run --userns=keep-id:uid=", uid, ",gid=", gid, '`');
}

void give_to(system::Fd directory, const std::string& path, system::Account owner) {
    if (::fchown(directory.get(), owner.uid, owner.gid) < 0)
        refuse(path, concat("cannot change its owner to uid ", owner.uid, ", gid ", owner.gid, ": ",
                            system::describe(errno), "; run as root, or leave out --owner and use ",
                            keep_id(owner.uid, owner.gid)));
}

/// Facts from the parent of a directory: which users can have created the directory, and which can
/// enter it.
struct Place {
    /// Whether only root and `us` can write to the parent. If so, one of them created the directory
    /// and chose its owner.
    bool is_closed = false;
    /// Whether `us` owns the parent, and only `us` can enter the parent. If so, other users have no
    /// access to the directory, even if its mode allows access.
    bool is_hidden = false;

    explicit Place(system::Fd directory, uid_t us = ::geteuid()) {
        struct stat above;
        if (::fstatat(directory.get(), "..", &above, 0) < 0)
            return;
        const bool is_ours = above.st_uid == us;
        is_closed = (is_ours || above.st_uid == 0) && !(above.st_mode & (S_IWGRP | S_IWOTH));
        is_hidden = is_ours && !(above.st_mode & (S_IRWXG | S_IRWXO));
    }
};

/// Makes `user` the owner of the files of another user's ended run, because `user` must write to
/// them to take over. `user` is a new user if the image's USER has changed, and at each start with
/// --userns=auto. Skips files whose owner cannot be changed, because `wrap` reports these files
/// later.
void hand_over_ended_run(system::Fd directory, system::Account user) {
    const auto journal = system::open_regular(directory, journal_name, O_RDONLY | O_NONBLOCK);
    if (!journal || system::query_life_lock(*journal) == system::LockState::held)
        return;
    // If the name `journal` belongs to another file now, a live run has just rotated its journal or
    // taken over.
    const auto there = system::identity(directory, journal_name);
    const auto ours = system::identity(*journal);
    if (!there || !ours || *there != *ours)
        return;
    for (const char* const name : {journal_name, old_journal_name, status_name, socket_name})
        static_cast<void>(
            ::fchownat(directory.get(), name, user.uid, user.gid, AT_SYMLINK_NOFOLLOW));
}

/// Returns how to fix a directory that this side may not write to.
using Advice = std::string (*)(const struct stat& status);

constexpr std::string_view read_only_advice =
    "; remove `ro` from the option that mounts it, or add it to the unit's ReadWritePaths=";
constexpr std::string_view general_advice =
    "; check its owner and mode, and whether it is mounted read-only; with SELinux, check that the "
    "volume has :Z";

std::string host_advice(const struct stat& status) {
    if (status.st_uid == ::geteuid())
        return std::string(general_advice);
    return concat(
        ": uid ", status.st_uid, " owns it, and this process has uid ", ::geteuid(),
        "; remove it, so that this process can create it, and map the container's user to "
        "uid ",
        ::geteuid(), ": `podman run --userns=keep-id:uid=UID,gid=GID`");
}

/// Returns advice for the container about a directory that the container may not use. If the
/// owner's uid is mapped in our user namespace, the owner or root has created this namespace. So
/// the owner or root can also map the users in another way.
std::string container_advice(const struct stat& status) {
    const uid_t uid = ::geteuid();
    const gid_t gid = ::getegid();
    if (uid == status.st_uid && (status.st_mode & S_IRWXU) == S_IRWXU)
        return ", although its owner and mode allow access: probably SELinux denies it; mount the "
               "volume with :Z, for example `-v /run/app:/shared:Z`";
    if (uid == 0 || uid == status.st_uid || status.st_uid == system::unmapped_uid)
        return std::string(general_advice);
    const std::string remedy =
        system::user_namespace() == system::initial_user_namespace
            ? concat("on the host, make this user its owner with `host-notify-waiter --owner=", uid,
                     ':', gid, '`')
            : concat("start the container with ", keep_id(uid, gid));
    return concat(": uid ", status.st_uid, " owns it, and this process has uid ", uid, "; ", remedy,
                  "; with SELinux, the volume needs :Z");
}

void check_writable(system::Fd directory, const std::string& path, Advice advice) {
    if (system::is_writable(directory))
        return;
    const int error = errno;
    refuse(path, concat("not writable (", system::describe(error), ')',
                        error == EACCES  ? advice(status_of(directory, path))
                        : error == EROFS ? std::string(read_only_advice)
                                         : std::string(general_advice)));
}

/// Returns advice for the container about a directory that cannot be opened.
std::string container_open_advice(const std::string& path, int error) {
    struct stat status;
    if (error == ENOENT || error == ENOTDIR)
        return concat("; mount the host's directory there, for example with `-v ",
                      util::shell_word(concat("/run/app:", path, ":Z")),
                      "`, or set SHARED_DIR to the path where it is mounted");
    if (error != EACCES)
        return {};
    return ::stat(path.c_str(), &status) == 0 ? container_advice(status)
                                              : std::string(general_advice);
}

std::string_view mkdir_advice(int error) {
    return error == ENOENT
               ? "; only the last directory of the path is created; create the others first"
               : "; let the unit create it (RuntimeDirectory=), or choose a directory below "
                 "$XDG_RUNTIME_DIR";
}

/// Returns whether the directory was created. Otherwise sets errno.
bool make_directory(const std::string& path) {
    // With our umask, we might not even be able to open the directory.
    const system::Umask none(0);
    return ::mkdir(path.c_str(), 0755) == 0;
}

}  // namespace

system::UniqueFd open_for_host(const std::string& path, std::optional<system::Owner> owner) {
    if (path.empty())
        refuse(path, "no directory is given; set SHARED_DIR or give --shared-dir");
    const bool made = make_directory(path);
    const int error = errno;
    if (!made && error != EEXIST)
        refuse(path, concat("cannot create it: ", system::describe(error), mkdir_advice(error)));
    auto directory = open_no_foreign_link(path);
    // A default ACL may have removed permissions that the container's user needs.
    if (made && ::fchmod(directory.get(), 0755) < 0)
        refuse(path, concat("cannot set its mode: ", system::describe(errno)));

    struct stat status = status_of(directory, path);
    const Place place(directory);
    const uid_t expected = owner ? owner->account.uid : ::geteuid();
    const bool is_theirs = status.st_uid == expected;
    if (owner && !is_theirs && status.st_uid != ::geteuid() && !place.is_closed)
        refuse(path, concat("uid ", status.st_uid,
                            " owns it and can forge messages; this process has uid ", ::geteuid(),
                            ", and --owner is uid ", expected,
                            "; remove it, or choose another directory"));
    if (owner && (!is_theirs || (owner->names_group && status.st_gid != owner->account.gid))) {
        give_to(directory, path, owner->account);
        status = status_of(directory, path);
    }
    if (status.st_uid != expected && !place.is_closed)
        refuse(
            path,
            concat(
                "uid ", status.st_uid, " owns it and can forge messages; this process has uid ",
                expected,
                "; remove it, choose another with --shared-dir, or name the owner with --owner"));
    if ((status.st_mode & (S_IWGRP | S_IWOTH)) && !place.is_hidden)
        refuse(path, concat("other users may write to it; ", advice_for_mode(status.st_mode)));
    check_writable(directory, path, host_advice);
    return directory;
}

std::string_view advice_for_mode(mode_t mode) {
    // A directory with the sticky bit, such as /tmp, is for all users.
    return (mode & S_ISVTX) != 0
               ? "choose a directory that only this unit uses, such as one below /run, with "
                 "--shared-dir"
               : "run `chmod go-w` on it, or choose another with --shared-dir; if it is "
                 "RuntimeDirectory= of the unit, set RuntimeDirectoryMode=0755";
}

void open_to(system::Fd directory, const std::string& path, uid_t holder,
             std::optional<system::Account> user) {
    const struct stat status = status_of(directory, path);
    if (user)
        hand_over_ended_run(directory, *user);
    if (user && user->uid == status.st_uid && (status.st_mode & S_IRWXU) == S_IRWXU)
        return;
    constexpr mode_t for_all = 01777;
    // chown would take the directory away from a holder who is not root.
    const bool is_roots = holder == 0 && ::geteuid() == 0
                          && system::user_namespace() == system::initial_user_namespace;
    if (user && is_roots && Place(directory).is_closed) {
        give_to(directory, path, *user);
    } else if (Place(directory, holder).is_hidden) {
        if ((status.st_mode & for_all) != for_all && ::fchmod(directory.get(), for_all) < 0)
            refuse(path,
                   concat("cannot give the container's user access: ", system::describe(errno)));
    } else if (!user) {
        refuse(path,
               "the container joins an existing user namespace, so its user on the host is "
               "unknown; mount the directory with -v, or choose a shared directory below one that "
               "only you can enter, such as $XDG_RUNTIME_DIR");
    } else if (user->uid != 0) {  // Root always has access.
        refuse(path, concat("the container's user (uid ", user->uid,
                            ") cannot be given access; choose a shared directory below one that "
                            "only you can enter, such as $XDG_RUNTIME_DIR; as root, use "
                            "RuntimeDirectory="));
    }
}

ContainerDirectory open_for_container(const std::string& path) {
    if (path.empty())
        refuse(path, "no directory is given; set SHARED_DIR or give --shared-dir");
    const std::size_t length = path.size() + 1 + std::string_view(socket_name).size();
    if (length > system::longest_socket_path)
        refuse(path,
               concat("its path is too long for a socket: with \"/", socket_name, "\", it has ",
                      length, " bytes, and at most ", system::longest_socket_path,
                      " are allowed; mount the directory at a shorter path"));
    ContainerDirectory opened;
    opened.fd = open(path, container_open_advice);
    check_writable(opened.fd, path, container_advice);
    const struct stat status = status_of(opened.fd, path);
    // A sticky directory needs no warning, because `open_to` has made it writable for all users
    // after `wait` had accepted it.
    const bool is_open = status.st_mode & S_IWOTH;
    if (is_open && !(status.st_mode & S_ISVTX))
        opened.warning = concat("shared directory ", quote(path),
                                ": every user can write to it and can forge messages");
    else if (!is_open && status.st_uid != ::geteuid())
        opened.warning =
            concat("shared directory ", quote(path), ": uid ", status.st_uid,
                   " owns it and can forge messages (this process has uid ", ::geteuid(), ')');
    return opened;
}

}  // namespace notifybridge::channel

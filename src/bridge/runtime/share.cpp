#include "bridge/runtime/share.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string_view>

#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/namespaces.hpp"
#include "base/system/selinux.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/words.hpp"
#include "bridge/channel/directory.hpp"
#include "bridge/channel/token.hpp"
#include "bridge/runtime/refusal.hpp"
#include "bridge/runtime/run_place.hpp"

namespace notifybridge::runtime {
namespace {

using util::concat;
using util::quote;

[[noreturn]] void refuse(std::string_view path, std::string_view why) {
    throw Refusal(concat("SHARED_DIR=", quote(path), ": ", why));
}

/// Returns whether we trust this user. In a user namespace, root of the host has the same uid as
/// every other user that is not mapped. We trust all users with this uid, because at worst, they
/// make us mount something that we already own.
bool is_trusted(uid_t uid) {
    return uid == 0 || uid == ::geteuid()
           || (uid == system::unmapped_uid
               && system::user_namespace() != system::initial_user_namespace);
}

/// Returns whether only trusted users can put another directory at this path later. Each directory
/// above must belong to a trusted user. A directory that others may write to must be sticky, and
/// the directory below it must belong to a trusted user.
bool stays(system::Fd directory) {
    struct stat below;
    if (::fstat(directory.get(), &below) < 0)
        return false;
    for (std::string way = "..";; way += "/..") {
        struct stat above;
        if (::fstatat(directory.get(), way.c_str(), &above, 0) < 0 || !is_trusted(above.st_uid))
            return false;
        const bool is_open = above.st_mode & (S_IWGRP | S_IWOTH);
        if (is_open && !((above.st_mode & S_ISVTX) && is_trusted(below.st_uid)))
            return false;
        if (above.st_ino == below.st_ino && above.st_dev == below.st_dev)
            return true;
        below = above;
    }
}

/// Refuses a container that `run` created for a unit in an earlier start, whose directory is gone.
void refuse_earlier_start(std::string_view path) {
    const std::string unit = service_of_place(path);
    if (!unit.empty())
        throw Refusal(concat("this container belongs to an earlier start of ", util::escape(unit),
                             ", and cannot be started again; `systemctl ",
                             path.starts_with("/run/user/") ? "[--user] " : "", "restart ",
                             util::shell_word(unit), "` creates a new one"));
}

void set_label(const std::string& path, std::string_view named, const std::string& label) {
    const auto error = system::set_selinux_label(path, label);
    if (error && error.value() != ENOTSUP && error.value() != ENOENT)
        refuse(named, concat("cannot give it the container's SELinux label ", quote(label), ": ",
                             system::describe(error.value())));
}

/// Labels the directory and the files that an earlier run has left in the directory, like podman's
/// :Z.
void label_all(system::Fd directory, std::string_view named, const std::string& label) {
    set_label(system::proc_path(directory), named, label);
    const auto entries = system::list_directory(system::proc_path(directory));
    if (!entries)
        refuse(named, concat("cannot be read: ", system::describe(entries.error().value())));
    for (const system::DirectoryEntry& entry : *entries) {
        const system::UniqueFd file(
            ::openat(directory.get(), entry.name.c_str(), O_PATH | O_NOFOLLOW | O_CLOEXEC));
        struct stat status;
        if (file && ::fstat(file.get(), &status) == 0
            && (S_ISREG(status.st_mode) || S_ISSOCK(status.st_mode)))
            set_label(system::proc_path(file), named, label);
    }
}

}  // namespace

std::string share_directory(const Wish& wish) {
    const std::string& named = wish.shared_directory;
    if (wish.token.empty())
        refuse(
            named,
            concat(
                "nothing is mounted there, and the host's directory is mounted only if ",
                token_variable,
                " is set; mount it with -v (in a pod: as a volume), or start the container under "
                "`notifybridge wait` with -e SHARED_DIR -e ",
                token_variable));
    const auto directory = system::open_directory(named);
    if (!directory) {
        refuse_earlier_start(named);
        refuse(named,
               concat("there is no such directory on the host (",
                      system::describe(directory.error().value()),
                      "); start `notifybridge wait` with the same SHARED_DIR to create it; with "
                      "`notifybridge run`, remove SHARED_DIR from the container's options"));
    }
    const auto holder = channel::holder_by_token(*directory, wish.token);
    if (!holder)
        refuse(named, concat(token_variable,
                             " is not the token of the `notifybridge wait` that uses this "
                             "directory now; pass the current token with -e ",
                             token_variable, ", and create a new container at each start"));
    // We must mount the path: a file that was opened in one mount namespace cannot be mounted in
    // another.
    if (!stays(*directory))
        refuse(
            named,
            concat(
                "another user can replace it with a link; choose a directory that root owns below "
                "/run, such as one of RuntimeDirectory=, or mount it with --volume=",
                named, ':', named));
    try {
        channel::open_to(*directory, named, *holder, wish.user);
    } catch (const channel::DirectoryError& error) {
        throw Refusal(error.what());
    }
    if (!wish.mount_label.empty())
        label_all(*directory, named, wish.mount_label);
    // The path that /proc shows contains no links.
    const auto whole_path = system::read_link(system::proc_path(*directory));
    if (!whole_path || !whole_path->starts_with('/'))
        refuse(named, "its whole path cannot be found; /proc has to be mounted");
    return *whole_path;
}

}  // namespace notifybridge::runtime

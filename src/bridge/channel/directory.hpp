#pragma once

#include <sys/types.h>

#include <array>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/system/accounts.hpp"
#include "base/system/fd.hpp"

namespace notifybridge::channel {

/// The files of a shared directory.
inline constexpr const char* socket_name = "notify.sock";
inline constexpr const char* journal_name = "journal";
/// The journal of a run that another has taken over from, for a `wait` that is still reading it.
inline constexpr const char* old_journal_name = "journal.old";
inline constexpr const char* host_name = "host";
inline constexpr const char* status_name = "container-status";
/// What a container manager has to know to be given the directory; only the host's user reads it.
inline constexpr const char* token_name = "token";
inline constexpr auto file_names = std::to_array<std::string_view>(
    {socket_name, journal_name, old_journal_name, host_name, status_name, token_name});

/// A shared directory that cannot be used: what() says why, and what to do.
struct DirectoryError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// The host's side opens the directory: makes it (0755, its last component) where it is not there,
/// gives it to `owner` if one is named, and refuses one where somebody else could put files of
/// theirs in the place of ours: another owner's, unless only root and we write to the directory
/// above it, and one that others may write to, unless nobody but us enters the directory above.
/// Throws DirectoryError.
system::UniqueFd open_for_host(const std::string& path, std::optional<system::Owner> owner);

/// Lets `user`, as whom `wrap` will run, write to a directory that `open_for_host` has accepted for
/// `holder`, so that it accepts it again: root's is given to them, and one below a directory that
/// nobody else enters is opened to all. Where the user is not known, only the latter is possible.
/// What a run that has ended left there becomes the user's. Throws DirectoryError.
void open_to(system::Fd directory, const std::string& path, uid_t holder,
             std::optional<system::Account> user);

/// What `open_for_container` found.
struct ContainerDirectory {
    system::UniqueFd fd;
    std::string warning;  ///< What is odd about its owner or mode, empty where nothing is.
};

/// The container's side opens the directory, which has to be there. It only warns about its owner,
/// as owners look foreign in a user namespace. Throws DirectoryError.
ContainerDirectory open_for_container(const std::string& path);

}  // namespace notifybridge::channel

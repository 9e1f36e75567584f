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
/// The journal of a run that was replaced by a new run. A `wait` may still read this journal.
inline constexpr const char* old_journal_name = "journal.old";
inline constexpr const char* host_name = "host";
inline constexpr const char* status_name = "container-status";
/// The file with the secret that proves that a container manager may use the directory. Only the
/// user of `wait` can read this file.
inline constexpr const char* token_name = "token";
inline constexpr auto file_names = std::to_array<std::string_view>(
    {socket_name, journal_name, old_journal_name, host_name, status_name, token_name});

/// The error if the shared directory cannot be used. what() explains why, and what to do.
struct DirectoryError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// Opens the directory for the host. Creates its last component (mode 0755) if it does not exist.
/// If `owner` is set, makes that user the directory's owner. Refuses a directory if others could
/// replace our files in it. A directory with another owner is accepted only if nobody but root and
/// us can write to its parent. A directory that others can write to is accepted only if nobody but
/// us can enter its parent. Throws DirectoryError if the directory is refused or cannot be opened.
system::UniqueFd open_for_host(const std::string& path, std::optional<system::Owner> owner);

/// Returns what to do about a directory that other users may write to.
std::string_view advice_for_mode(mode_t mode);

/// Lets `user`, who will run `wrap`, write to a directory that `open_for_host` accepted. `holder`
/// is the user whose `wait` has locked the directory. The directory stays acceptable to
/// `open_for_host`. If `holder` is root, makes `user` the directory's owner. If only `holder` can
/// enter the parent, makes the directory writable for all users, even if `user` is not known. Also
/// makes `user` the owner of the files of an ended run. Throws DirectoryError if `user` cannot get
/// access.
void open_to(system::Fd directory, const std::string& path, uid_t holder,
             std::optional<system::Account> user);

/// The result of `open_for_container`.
struct ContainerDirectory {
    system::UniqueFd fd;
    std::string warning;  ///< Describes a problem with the owner or mode; empty if there is none.
};

/// Opens the directory, which must exist, for the container. Only warns about its owner and mode,
/// because the owner may have another uid in a user namespace. Throws DirectoryError if the
/// directory cannot be used.
ContainerDirectory open_for_container(const std::string& path);

}  // namespace notifybridge::channel

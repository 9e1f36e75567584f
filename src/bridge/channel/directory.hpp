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
/// The journal of a run that another one replaced, for a `wait` that still reads it.
inline constexpr const char* old_journal_name = "journal.old";
inline constexpr const char* host_name = "host";
inline constexpr const char* status_name = "container-status";
/// The secret that proves that a container manager may get the directory; only the host's user
/// reads it.
inline constexpr const char* token_name = "token";
inline constexpr auto file_names = std::to_array<std::string_view>(
    {socket_name, journal_name, old_journal_name, host_name, status_name, token_name});

/// The shared directory cannot be used: what() tells why, and what to do.
struct DirectoryError : std::runtime_error {
    using runtime_error::runtime_error;
};

/// Opens the directory for the host. Creates its last component (0755) if it does not exist, and
/// gives it to `owner` if set. Refuses directories where others could replace our files: another
/// owner's, unless only root and we can write to the parent; and those that others can write to,
/// unless only we can enter the parent. Throws DirectoryError.
system::UniqueFd open_for_host(const std::string& path, std::optional<system::Owner> owner);

/// Lets `user`, as whom `wrap` will run, write to a directory that `open_for_host` accepted for
/// `holder`, in a way that it accepts again. Root's directory is given to `user`; one in a parent
/// that only we can enter is opened to everybody. Only the latter is possible if `user` is not
/// known. The files of an ended run become the user's. Throws DirectoryError.
void open_to(system::Fd directory, const std::string& path, uid_t holder,
             std::optional<system::Account> user);

/// The result of `open_for_container`.
struct ContainerDirectory {
    system::UniqueFd fd;
    std::string warning;  ///< Describes a problem with its owner or mode; empty if there is none.
};

/// Opens the directory, which must exist, for the container. Only warns about its owner, because
/// owners look different in a user namespace. Throws DirectoryError.
ContainerDirectory open_for_container(const std::string& path);

}  // namespace notifybridge::channel

#include "bridge/channel/token.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <utility>

#include "base/process/flock.hpp"
#include "base/process/proc.hpp"
#include "base/system/file.hpp"
#include "base/system/lock.hpp"
#include "base/system/namespaces.hpp"
#include "base/system/random_id.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"
#include "bridge/channel/directory.hpp"

namespace notifybridge::channel {
namespace {

constexpr mode_t owner_only = 0600;
/// The size of a token and a newline.
constexpr std::size_t line_size = 2 * sizeof(system::RandomId) + 1;

std::optional<uid_t> user_of(pid_t pid) {
    const std::string ids = process::status_field(pid, "Uid");
    std::string_view rest = ids;
    return util::parse_number<uid_t>(util::take_until(rest, '\t'));
}

/// Returns whether a process of this user in our pid namespace has locked the directory, as `wait`
/// does.
bool is_held_by(uid_t user, system::Fd directory) {
    const auto holder = process::flock_holder(directory);
    return holder && user_of(*holder) == user
           && system::pid_namespace_of(*holder) == system::pid_namespace();
}

}  // namespace

std::string Token::make_text() {
    return to_string(system::make_random_id());
}

Token::Token(system::Fd directory, std::string text)
    : directory_(directory), text_(std::move(text)) {
    const std::string temporary = system::temporary_name(token_name);
    auto file = system::create_file(directory, temporary.c_str(), owner_only);
    if (!file)
        system::throw_error(file.error().value(), "create", temporary);
    file_ = std::move(*file);
    system::take_life_lock(file_);
    const std::string line = text_ + '\n';
    const auto written = system::write_at(file_, system::bytes_of(line), 0);
    int error = written ? 0 : written.error().value();
    if (!error && ::renameat(directory.get(), temporary.c_str(), directory.get(), token_name) < 0)
        error = errno;
    if (!error)
        return;
    ::unlinkat(directory.get(), temporary.c_str(), 0);
    system::throw_error(error, "write", token_name);
}

Token::~Token() {
    const auto ours = system::identity(file_);
    const auto named = system::identity(directory_, token_name);
    if (ours && named && *ours == *named)
        ::unlinkat(directory_.get(), token_name, 0);
}

std::optional<uid_t> holder_by_token(system::Fd directory, std::string_view text) {
    const auto file = system::open_regular(directory, token_name, O_RDONLY | O_NONBLOCK);
    struct stat own;
    struct stat around;
    if (!file || ::fstat(file->get(), &own) < 0 || ::fstat(directory.get(), &around) < 0)
        return std::nullopt;
    if (own.st_mode & (S_IRWXG | S_IRWXO))
        return std::nullopt;
    if (system::query_life_lock(*file) == system::LockState::free)
        return std::nullopt;
    const auto content = system::read_text(*file, line_size);
    const bool is_whole = content && content->size() == line_size && content->back() == '\n';
    if (!is_whole || std::string_view(*content).substr(0, line_size - 1) != text)
        return std::nullopt;
    // If the container's user owns the directory, that user can create any file there. So a file of
    // the owner counts only if a process of the owner has locked the directory.
    if (own.st_uid == 0 || own.st_uid == ::geteuid()
        || (own.st_uid == around.st_uid && is_held_by(own.st_uid, directory)))
        return own.st_uid;
    return std::nullopt;
}

}  // namespace notifybridge::channel

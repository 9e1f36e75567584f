#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"

namespace notifybridge::channel {

/// A secret that proves that the container manager was started by the `wait` holding this
/// directory. The secret has 32 hexadecimal digits, and the command receives it in
/// NOTIFYBRIDGE_TOKEN. While this object lives, the secret is also in the file "token", which only
/// our user can read.
class Token {
public:
    /// Returns a new secret that nobody can guess.
    static std::string make_text();

    /// Writes `text` to the file "token". Throws std::system_error on failure.
    explicit Token(system::Fd directory, std::string text = make_text());
    ~Token();
    Token(const Token&) = delete;
    Token& operator=(const Token&) = delete;

    const std::string& text() const { return text_; }

private:
    system::Fd directory_;
    std::string text_;
    system::UniqueFd file_;  ///< The lock of this file shows that the file is not stale.
};

/// Returns the user of the live `wait` that holds this directory and has the token `text`. Returns
/// nullopt if there is none. Trusts files of root and our own files. Trusts a file of the
/// directory's owner only if a process of this owner in our pid namespace holds the directory's
/// flock(2) lock. Trusts no other files.
std::optional<uid_t> holder_by_token(system::Fd directory, std::string_view text);

}  // namespace notifybridge::channel

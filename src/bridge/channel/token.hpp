#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"

namespace notifybridge::channel {

/// A secret that proves that the container manager was started by the `wait` holding this
/// directory. It has 32 hexadecimal digits, which the command gets in NOTIFYBRIDGE_TOKEN. While
/// this object lives, it is also in the file "token", which only our user can read.
class Token {
public:
    /// Returns a text that nobody can guess.
    static std::string make_text();

    /// Writes the file. Throws std::system_error.
    explicit Token(system::Fd directory, std::string text = make_text());
    ~Token();
    Token(const Token&) = delete;
    Token& operator=(const Token&) = delete;

    const std::string& text() const { return text_; }

private:
    system::Fd directory_;
    std::string text_;
    system::UniqueFd file_;  ///< Its lock distinguishes it from a stale file.
};

/// Returns the user of the live `wait` that holds this directory and has the token `text`, else
/// nullopt. Trusts only files of root and ours; the directory owner's file counts if a process of
/// that user in our pid namespace holds the directory's flock(2).
std::optional<uid_t> holder_by_token(system::Fd directory, std::string_view text);

}  // namespace notifybridge::channel

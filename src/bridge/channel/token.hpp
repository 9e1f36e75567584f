#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <string_view>

#include "base/system/fd.hpp"

namespace notifybridge::channel {

/// By which a container manager shows that it was started by the `wait` that has the directory now:
/// 32 hexadecimal digits, told to the command in NOTIFYBRIDGE_TOKEN, and kept in the directory's
/// file "token", which only our user may read, for as long as this lives.
class Token {
public:
    /// A text that nobody can guess.
    static std::string make_text();

    /// Throws std::system_error.
    explicit Token(system::Fd directory, std::string text = make_text());
    ~Token();
    Token(const Token&) = delete;
    Token& operator=(const Token&) = delete;

    const std::string& text() const { return text_; }

private:
    system::Fd directory_;
    std::string text_;
    system::UniqueFd file_;  ///< Has the lock that tells it from one that was left behind.
};

/// The user of the `wait` that lives, has this directory, and whose token `text` is. Nothing where
/// there is none, nor of a file that neither root nor we made; one of the directory's owner counts
/// where that user's process, in our pid namespace, has the directory's flock(2).
std::optional<uid_t> holder_by_token(system::Fd directory, std::string_view text);

}  // namespace notifybridge::channel

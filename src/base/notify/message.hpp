#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify/drop.hpp"
#include "base/notify/key.hpp"

namespace notifybridge::notify {

/// The size of the longest datagram that systemd accepts (NOTIFY_BUFFER_MAX).
inline constexpr std::size_t longest_datagram = 4096;

/// One assignment in a datagram.
struct Tag {
    std::string_view raw;  ///< The bytes of the datagram, with escapes.
    std::string text;      ///< The text as systemd reads it.
    Key key = Key::unknown;

    std::string_view name() const { return std::string_view(text).substr(0, text.find('=')); }
    std::string_view value() const { return std::string_view(text).substr(text.find('=') + 1); }
};

/// A datagram split into assignments by systemd's rules. The object refers to the datagram's bytes,
/// which must outlive the object.
class Message {
public:
    explicit Message(std::vector<Tag> tags) : tags_(std::move(tags)) {}

    const std::vector<Tag>& tags() const { return tags_; }

    /// Returns whether one assignment equals `assignment`, as systemd compares flags: READY=1, but
    /// not READY=0 or READY=10.
    bool has(std::string_view assignment) const;

    /// Returns the value of `key`, or the first value if there are several.
    std::optional<std::string_view> value(Key key) const;

    /// Returns a datagram with all assignments except `assignment`. Returns an empty text if there
    /// are no others.
    std::string without(std::string_view assignment) const;

private:
    std::vector<Tag> tags_;
};

/// Splits a datagram by the rules of systemd's service manager (its strv_split_newlines). \n and
/// \r separate assignments. A backslash is removed, and makes the next character literal. One NUL
/// may end the datagram.
boost::system::result<Message, DropReason> parse(std::string_view datagram);

/// Returns `assignment` escaped so that `parse` reads it as one assignment.
std::string escape_assignment(std::string_view assignment);

}  // namespace notifybridge::notify

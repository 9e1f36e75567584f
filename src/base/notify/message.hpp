#pragma once

#include <boost/system/result.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/notify/drop.hpp"
#include "base/notify/key.hpp"

namespace notifybridge::notify {

/// NOTIFY_BUFFER_MAX of systemd: the longest datagram that it reads.
inline constexpr std::size_t longest_datagram = 4096;

/// One assignment of a datagram.
struct Tag {
    std::string_view raw;  ///< As it stands in the datagram, escapes included.
    std::string text;      ///< As systemd reads it.
    Key key = Key::unknown;

    std::string_view name() const { return std::string_view(text).substr(0, text.find('=')); }
    std::string_view value() const { return std::string_view(text).substr(text.find('=') + 1); }
};

/// A datagram, split as systemd splits it. Refers to the datagram's bytes, which have to outlive
/// it.
class Message {
public:
    explicit Message(std::vector<Tag> tags) : tags_(std::move(tags)) {}

    const std::vector<Tag>& tags() const { return tags_; }

    /// Whether one assignment reads exactly `assignment`, as systemd compares flags: READY=1, and
    /// neither READY=0 nor READY=10.
    bool has(std::string_view assignment) const;

    /// The value of `key`; of two, the first counts.
    std::optional<std::string_view> value(Key key) const;

    /// A datagram of all assignments but those that read exactly `assignment`; empty if there are
    /// no others.
    std::string without(std::string_view assignment) const;

private:
    std::vector<Tag> tags_;
};

/// Splits a datagram by systemd's rules (strv_split_newlines in its manager's receive path): \n and
/// \r separate, a backslash makes the next character literal and vanishes, one NUL may end it.
boost::system::result<Message, DropReason> parse(std::string_view datagram);

/// `assignment` with what `parse` would act on escaped, so that it reads back as one assignment.
std::string escape_assignment(std::string_view assignment);

}  // namespace notifybridge::notify

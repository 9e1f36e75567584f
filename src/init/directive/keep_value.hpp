#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "init/unit/line.hpp"

/// Helps to keep values of directives that we do not honour.
namespace notifybridge::directive::keep {

using Words = std::set<std::string, std::less<>>;

/// Keeps the value of a property.
void store(unit::Line& line, std::string_view property, std::string_view value);
/// Keeps the value of the property that the line's directive has.
void store(unit::Line& line, std::string_view value);

/// Restores systemd's default.
void unset(unit::Line& line, std::string_view property);
void unset(unit::Line& line);

/// Returns the current value, or nullopt if no line has set it.
std::optional<std::string> current(const unit::Line& line, std::string_view property);
std::optional<std::string> current(const unit::Line& line);

/// Appends to a list.
void append(unit::Line& line, std::string_view property, std::string_view word);
/// Adds a value that is a property of its own. Like systemd, shows the last line of the file first.
void prepend(unit::Line& line, std::string_view value);

/// Returns the words of a kept value, and the other way round.
Words words_of(std::string_view text);
std::string text_of(const Words& words);
/// Returns the words of `order` that are in `words`, with spaces between them.
std::string in_order(std::string_view order, const Words& words);

/// Returns whether the unit is a service. systemd ignores some directives in sockets.
bool is_service(const unit::Line& line);

/// Changes a set of words that are allowed, or that are the only ones forbidden: "AF_INET" or
/// "~AF_INET". An empty value restores the default. `canonical` returns the name that is shown for
/// a word, or an empty text if the word is ignored because of `why`.
void change_filter(unit::Line& line, std::string_view (*canonical)(std::string_view word),
                   std::string_view why);

}  // namespace notifybridge::directive::keep

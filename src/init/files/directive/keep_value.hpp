#pragma once

#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "init/files/unit/line.hpp"

/// Functions that keep the values of directives that we do not honour.
namespace notifybridge::directive::keep {

using Words = std::set<std::string, std::less<>>;

/// Keeps `value` as the value of `property`.
void store(unit::Line& line, std::string_view property, std::string_view value);
/// Keeps the value of the property that belongs to the line's directive.
void store(unit::Line& line, std::string_view value);

/// Restores systemd's default for the property.
void unset(unit::Line& line, std::string_view property);
void unset(unit::Line& line);

/// Returns the current value, or nullopt if no line has set the property.
std::optional<std::string> current(const unit::Line& line, std::string_view property);
std::optional<std::string> current(const unit::Line& line);

/// Appends `word` to the list in `property`.
void append(unit::Line& line, std::string_view property, std::string_view word);
/// Adds a value that `show` prints on its own line. Like systemd, puts the last line of the file
/// first.
void prepend(unit::Line& line, std::string_view value);

/// These functions convert between a kept value and its words.
Words words_of(std::string_view text);
std::string text_of(const Words& words);
/// Returns the words of `order` that `words` contains, with spaces between them.
std::string in_order(std::string_view order, const Words& words);

/// Returns whether the unit is a service. systemd ignores some directives in socket units.
bool is_service(const unit::Line& line);

/// Applies a line to a filter, which is a list of either allowed or forbidden words. The value
/// "AF_INET" allows this word, and "~AF_INET" forbids it. An empty value restores the default.
///
/// `canonical` returns the name that is shown for a word. If it returns an empty text, the word is
/// ignored with a warning that contains the reason `why`.
void change_filter(unit::Line& line, std::string_view (*canonical)(std::string_view word),
                   std::string_view why);

}  // namespace notifybridge::directive::keep

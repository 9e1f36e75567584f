#pragma once

#include <string_view>

#include "init/files/directive/parse.hpp"
#include "init/files/unit/line.hpp"

/// Checks the values of directives that we do not honour and that `show` does not print. Warns of
/// values that systemd 257 would refuse, and stores nothing.
namespace notifybridge::directive::check {

/// Checks a value by the rules for a setting of this type.
template <typename Setting>
void as(unit::Line& line) {
    Setting unused{};
    parse::value(line, unused);
}

/// Returns whether the value is one of `words`, which are separated by spaces. Warns if the value
/// is not valid. If `words` begins with "yes no", any boolean is valid.
bool word(unit::Line& line, std::string_view words);

template <const char* Words>
void one_of(unit::Line& line) {
    static_cast<void>(word(line, Words));
}

}  // namespace notifybridge::directive::check

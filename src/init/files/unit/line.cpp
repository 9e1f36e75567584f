#include "init/files/unit/line.hpp"

#include "base/util/concat.hpp"
#include "base/util/escape.hpp"

namespace notifybridge::unit {

using util::concat;
using util::quote;

void Line::ignore(std::string_view why) const {
    messages_.warn(assignment_.place,
                   concat("ignoring ", key(), '=', quote(value()), ": ", why, '.'));
}

void Line::ignore_word(std::string_view word, std::string_view why) const {
    messages_.warn(assignment_.place,
                   concat("ignoring ", quote(word), " in ", key(), "=: ", why, '.'));
}

void Line::refuse(std::string_view why, LoadState state) {
    state_ = state;
    messages_.fail(assignment_.place, concat("cannot use the unit because of ", key(), '=',
                                             quote(value()), ": ", why, '.'));
}

void Line::remark(std::string_view what, util::Severity severity) const {
    messages_.add(severity, assignment_.place, concat(key(), "=: ", what, '.'));
}

std::optional<std::string> Line::expand(std::string_view text, SpecifierScope scope) const {
    Expanded expanded = expand_specifiers(text, context_, scope);
    if (expanded.is_valid())
        return std::move(expanded.text);
    ignore_word(text, expanded.failure);
    return std::nullopt;
}

}  // namespace notifybridge::unit

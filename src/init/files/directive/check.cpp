#include "init/files/directive/check.hpp"

#include "base/util/concat.hpp"
#include "base/util/take_until.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::directive::check {

bool word(unit::Line& line, std::string_view words) {
    const bool is_valid =
        util::has_word(words, line.value())
        || (words.starts_with("yes no") && unit::parse_boolean(line.value()).has_value());
    if (!is_valid)
        line.ignore(util::concat("it is not one of: ", words));
    return is_valid;
}

}  // namespace notifybridge::directive::check

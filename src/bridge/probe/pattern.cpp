// Limits the number of states that one match tries. A match with this many states takes some
// milliseconds.
#define BOOST_REGEX_MAX_STATE_COUNT 1'000'000

#include "bridge/probe/pattern.hpp"

#include <boost/regex.hpp>

namespace notifybridge::probe {

struct Pattern::Compiled {
    // These traits have no locale. Other traits would link all locales of the C++ library.
    boost::basic_regex<char, boost::c_regex_traits<char>> expression;
};

Pattern::Pattern(const std::string& expression) {
    try {
        compiled_ = std::make_unique<const Compiled>(
            Compiled{boost::basic_regex<char, boost::c_regex_traits<char>>(expression)});
    } catch (const boost::regex_error& error) {
        throw PatternError(error.what());
    }
}

Pattern::~Pattern() = default;

bool Pattern::found_in(std::string_view text) const {
    try {
        return boost::regex_search(text.data(), text.data() + text.size(), compiled_->expression);
    } catch (const std::runtime_error&) {
        return false;  // The match would need too many states.
    }
}

}  // namespace notifybridge::probe

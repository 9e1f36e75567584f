#include "base/util/log_limit.hpp"

namespace notifybridge::util {

bool LogLimit::allows(std::string_view text, std::uint64_t now_usec) {
    constexpr std::uint64_t second = 1'000'000;
    constexpr std::size_t most_texts = 8;
    std::erase_if(said_at_, [&](const auto& said) { return now_usec - said.second >= second; });
    if (said_at_.contains(text) || said_at_.size() == most_texts)
        return false;
    said_at_.emplace(text, now_usec);
    return true;
}

}  // namespace notifybridge::util

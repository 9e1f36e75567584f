#include "init/files/unit/messages.hpp"

#include "base/util/concat.hpp"

namespace notifybridge::unit {

void Messages::add(util::Severity severity, Place place, std::string text) {
    constexpr std::size_t most = 100;
    const bool goes_on = !all_.empty() && all_.back().file == place.file;
    in_a_row_ = goes_on ? in_a_row_ + 1 : 1;
    if (severity != util::Severity::error && in_a_row_ > most)
        return;
    if (severity != util::Severity::error && in_a_row_ == most)
        text = "not showing further warnings about this file; errors are still shown.";
    all_.push_back({severity, std::string(place.file), place.line, std::move(text)});
}

bool Messages::are_enough_of(std::string_view file) const noexcept {
    return in_a_row_ > 3 && !all_.empty() && all_.back().file == file;
}

std::string to_string(const Message& message) {
    if (message.line == 0)
        return util::concat(message.file, ": ", message.text);
    return util::concat(message.file, ':', message.line, ": ", message.text);
}

}  // namespace notifybridge::unit

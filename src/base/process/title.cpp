#include "base/process/title.hpp"

#include <sys/prctl.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/system/file.hpp"
#include "base/util/number.hpp"
#include "base/util/take_until.hpp"

namespace notifybridge::process {
namespace {

/// Returns the memory of our arguments, from two fields of /proc/self/stat (proc_pid_stat(5)).
std::span<char> own_arguments() {
    constexpr int fields_before = 45;  // Counted from the field after the name.
    const std::string text = system::text_of("/proc/self/stat");
    std::string_view rest(text);
    rest.remove_prefix(std::min(rest.rfind(')') + 2, rest.size()));
    for (int field = 0; field < fields_before; ++field)
        util::take_until(rest, ' ');
    const auto begin = util::parse_number<std::uintptr_t>(util::take_until(rest, ' '));
    const auto end = util::parse_number<std::uintptr_t>(util::take_until(rest, ' '));
    if (!begin || !end || *begin == 0 || *end <= *begin)
        return {};
    return {reinterpret_cast<char*>(*begin), *end - *begin};
}

}  // namespace

void set_title(const std::string& title) {
    ::prctl(PR_SET_NAME, "notifybridge");
    const std::span<char> place = own_arguments();
    if (place.empty())
        return;
    std::ranges::fill(place, '\0');
    std::memcpy(place.data(), title.data(), std::min(title.size(), place.size() - 1));
}

void hide_value(std::string_view option) {
    constexpr std::string_view replacement = "hidden";
    std::span<char> place = own_arguments();
    while (!place.empty()) {
        const auto end = std::ranges::find(place, '\0');
        const std::span<char> word(place.begin(), end);
        place = place.subspan(std::min(word.size() + 1, place.size()));
        const std::string_view text(word.data(), word.size());
        if (text == "--")
            return;
        if (!text.starts_with(option) || !text.substr(option.size()).starts_with('='))
            continue;
        // A command line has no room for a word of another length.
        const std::span<char> value = word.subspan(option.size() + 1);
        std::ranges::fill(value, ' ');
        std::ranges::copy(replacement.substr(0, value.size()), value.begin());
    }
}

}  // namespace notifybridge::process

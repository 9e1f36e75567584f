#include "init/hands/execute/launch.hpp"

#include <algorithm>

#include "init/hands/execute/environment.hpp"

namespace notifybridge::execute {

Strings::Strings(std::vector<std::string> texts) : texts_(std::move(texts)) {
    pointers_.reserve(texts_.size() + 1);
    for (std::string& text : texts_) {
        pointers_.push_back(text.data());
        const auto first = slots_.end() - slots_.begin();
        for (std::size_t at = text.find(pid_placeholder); at != text.npos;
             at = text.find(pid_placeholder, at + pid_placeholder.size()))
            slots_.push_back(text.data() + at);
        std::reverse(slots_.begin() + first, slots_.end());
    }
    pointers_.push_back(nullptr);
}

void Strings::fill_in(pid_t pid) {
    constexpr std::size_t width = pid_placeholder.size();
    for (char* const slot : slots_) {
        char digits[width];
        std::size_t count = 0;
        for (pid_t rest = pid; rest > 0; rest /= 10)
            digits[count++] = static_cast<char>('0' + rest % 10);
        for (std::size_t at = 0; at < count; ++at)
            slot[at] = digits[count - 1 - at];
        // Move the rest of the text, with its NUL, to the end of the pid.
        char* to = slot + count;
        for (const char* from = slot + width; (*to++ = *from++) != '\0';) {
        }
    }
}

}  // namespace notifybridge::execute

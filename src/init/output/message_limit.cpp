#include "init/output/message_limit.hpp"

namespace notifybridge::output {

MessageLimit::Verdict MessageLimit::count(std::string_view sender, std::uint64_t now) {
    const auto found = windows_.find(sender);
    Window& window = found == windows_.end() ? windows_[std::string(sender)] : found->second;
    std::size_t suppressed = 0;
    if (now - window.begin >= interval) {
        suppressed = window.messages > burst ? window.messages - burst : 0;
        window = {now, 0};
    }
    ++window.messages;
    return {window.messages <= burst, suppressed};
}

}  // namespace notifybridge::output

#include "init/hands/output/message_limit.hpp"

namespace notifybridge::output {

bool MessageLimit::Sender::allows_line() {
    const bool is_allowed = !is_at_limit();
    ++(is_allowed ? lines_ : dropped_);
    return is_allowed;
}

MessageLimit::Sender& MessageLimit::sender(std::string_view name, std::uint64_t now,
                                           std::size_t& dropped) {
    const auto found = senders_.find(name);
    Sender& sender = found == senders_.end() ? senders_[std::string(name)] : found->second;
    dropped = 0;
    if (now - sender.begin_ >= interval) {
        dropped = sender.dropped_;
        sender = {};
        sender.begin_ = now;
    }
    return sender;
}

}  // namespace notifybridge::output

#include "bridge/relay/reasons.hpp"

#include "base/util/concat.hpp"

namespace notifybridge::relay {

void explain_passage(Reasons* reasons, const Policy& policy, std::string_view datagram,
                     const notify::Message& message, std::string_view sent) {
    if (!reasons)
        return;
    for (const notify::Tag& tag : message.tags()) {
        const auto fate = policy.passes(tag) ? Reasons::Fate::forwarded : Reasons::Fate::dropped;
        reasons->add(fate, tag.raw, explain(policy.rule(tag)));
    }
    if (!sent.empty() && sent != datagram)
        reasons->add(Reasons::Fate::changed, datagram, util::concat("sent as ", sent));
}

void explain_drop(Reasons* reasons, std::string_view datagram, notify::DropReason reason) {
    if (reasons)
        reasons->add(Reasons::Fate::dropped, datagram,
                     util::concat("it ", notify::explain(reason)));
}

}  // namespace notifybridge::relay

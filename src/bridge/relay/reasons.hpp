#pragma once

#include <string_view>

#include "base/notify/drop.hpp"
#include "bridge/relay/policy.hpp"

namespace notifybridge::relay {

/// Told why each message goes on as it does: which rule forwarded, changed or dropped what is in
/// it. What `--explain` shows.
class Reasons {
public:
    enum class Fate { forwarded, changed, dropped };

    virtual ~Reasons() = default;

    /// `what` is an assignment, or a whole message, as it came: not yet fit for people, as what is
    /// in `why` may be.
    virtual void add(Fate fate, std::string_view what, std::string_view why) = 0;
};

/// Tells `reasons`, where there are any, by which rules `datagram` passes, and as what: `sent`,
/// which is empty where nothing of it is.
void explain_passage(Reasons* reasons, const Policy& policy, std::string_view datagram,
                     const notify::Message& message, std::string_view sent);

/// The same for a message that is dropped whole, or for a part of it.
void explain_drop(Reasons* reasons, std::string_view datagram, notify::DropReason reason);

}  // namespace notifybridge::relay

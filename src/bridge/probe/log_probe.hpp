#pragma once

#include "bridge/probe/pattern.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// Holds from the first line on that matches. It is told lines by whoever reads the output.
class LogProbe final : public WatchingProbe {
public:
    LogProbe(std::string description, const std::string& pattern)
        : WatchingProbe(std::move(description)), pattern_(pattern) {}

    /// A line of the command's output, without its end; a long one is cut (LineSplitter).
    void line(std::string_view text) {
        if (matched_ || !pattern_.found_in(text))
            return;
        matched_ = true;
        changed();
    }

    Finding look() override { return {matched_, matched_ ? "" : "no line matches so far"}; }

private:
    Pattern pattern_;
    bool matched_ = false;
};

}  // namespace notifybridge::probe

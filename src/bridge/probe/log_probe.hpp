#pragma once

#include "bridge/probe/pattern.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// A probe that succeeds after a line of output has matched the pattern. The object that reads the
/// output passes the lines to this probe.
class LogProbe final : public WatchingProbe {
public:
    LogProbe(std::string description, const std::string& pattern)
        : WatchingProbe(std::move(description)), pattern_(pattern) {}

    /// Checks a line of the command's output, without its newline. Long lines were cut
    /// (LineSplitter).
    void line(std::string_view text) {
        if (matched_ || !pattern_.found_in(text))
            return;
        matched_ = true;
        changed();
    }

    Finding look() override { return {matched_, matched_ ? "" : "no line has matched yet"}; }

private:
    Pattern pattern_;
    bool matched_ = false;
};

}  // namespace notifybridge::probe

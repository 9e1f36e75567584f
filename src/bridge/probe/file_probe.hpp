#pragma once

#include "base/event/file_watch.hpp"
#include "bridge/probe/probe.hpp"

namespace notifybridge::probe {

/// Holds while there is something at a path; a link counts for what it leads to.
class FileProbe final : public WatchingProbe {
public:
    FileProbe(event::Loop& loop, std::string description, std::string path)
        : WatchingProbe(std::move(description)), loop_(loop), path_(std::move(path)) {}

    void watch() override;
    Finding look() override;

private:
    Finding find() const;
    void watch_parent();
    event::Awaitable<> follow();

    event::Loop& loop_;
    std::string path_;
    std::optional<event::FileWatch> watch_;
};

}  // namespace notifybridge::probe

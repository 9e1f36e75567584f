#include "bridge/wait/container_killer.hpp"

#include <unistd.h>

#include <utility>

#include "base/process/title.hpp"
#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"

namespace notifybridge::wait {

using util::Severity;
using util::Topic;

ContainerKiller::ContainerKiller(process::Supervisor& supervisor, std::string manager,
                                 const Words& words, const process::Environment& environment)
    : manager_(std::move(manager)) {
    system::Pipe pipe = system::make_pipe();
    start_ = std::move(pipe.writing);
    const auto make = [&](char request) {
        process::Command command;
        command.arguments = words(static_cast<Request>(request));
        command.environment = environment;
        return command;
    };
    const auto tell = [this](process::ExitStatus status) {
        if (!status.success())
            fail(process::describe(status));
    };
    supervisor.start_standby(
        util::concat(process::title_prefix, "waits to ask ", manager_, " to kill the container"),
        pipe.reading, make, tell);
}

void ContainerKiller::ask(Request request) {
    util::log(Severity::warning, Topic::process, "asking ", manager_,
              request == Request::stop ? " to stop" : " to kill", " the container");
    if (::write(start_.get(), &request, 1) != 1)
        fail("ended before it was asked to");
}

void ContainerKiller::fail(const std::string& why) const {
    util::log(Severity::warning, Topic::process, manager_,
              " has not ended the container: its command ", why);
    if (on_failure)
        on_failure();
}

}  // namespace notifybridge::wait

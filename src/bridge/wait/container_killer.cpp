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
    supervisor.helpers().start_standby(
        util::concat(process::title_prefix, "waits to ask ", manager_, " to kill the container"),
        pipe.reading, make, [this](process::ExitStatus status) { end(status); });
}

void ContainerKiller::ask(Request request) {
    request_ = request;
    if (request == Request::discard)
        util::log(Severity::info, Topic::process, "removing the container if ", manager_,
                  " has created it");
    else if (request == Request::remove)
        util::log(Severity::info, Topic::process, "waiting until ", manager_,
                  " has removed the container");
    else
        util::log(Severity::warning, Topic::process, "asking ", manager_,
                  request == Request::stop ? " to stop" : " to kill", " the container");
    if (::write(start_.get(), &request, 1) != 1)
        fail("ended before it was asked to");
}

void ContainerKiller::end(process::ExitStatus status) const {
    if (!status.success())
        fail(process::describe(status));
    else if (on_end)
        on_end(true);
}

void ContainerKiller::fail(const std::string& why) const {
    // Usually, the container does not exist. If it cannot be removed, the manager itself logs why.
    if (request_ != Request::discard && request_ != Request::remove)
        util::log(Severity::warning, Topic::process, manager_,
                  " has not ended the container: its command ", why);
    if (on_end)
        on_end(false);
}

}  // namespace notifybridge::wait

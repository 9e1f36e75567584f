#include "bridge/probe/listen_probe.hpp"

#include <sys/stat.h>

#include <algorithm>

#include "base/event/deadline.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "bridge/channel/health.hpp"

namespace notifybridge::probe {
namespace {

using system::Listener;
using util::concat;

/// Returns whether clients of the target reach the socket.
bool is_reached(const ListenTarget& target, const Listener& listener) {
    if (target.is_published && is_on_loopback(listener))
        return false;
    return target.hosts.empty() || std::ranges::any_of(target.hosts, [&](const std::string& host) {
               return covers(listener, host);
           });
}

/// Returns whether `path` ends with the components of `end`: "/run/app/s" with "app/s" or "./s".
bool ends_with_path(std::string_view path, std::string_view end) {
    while (end.starts_with("./"))
        end.remove_prefix(2);
    return path.ends_with(end) && path.substr(0, path.size() - end.size()).ends_with('/');
}

template <typename Found>
std::vector<std::uint64_t> inodes_of(const std::vector<Found>& listeners) {
    std::vector<std::uint64_t> inodes;
    for (const Found& listener : listeners)
        inodes.push_back(listener.inode);
    return inodes;
}

}  // namespace

ListenProbe::ListenProbe(std::string description, ListenTarget target, OwnListeners& listeners,
                         ListenPlan* plan)
    : Probe(std::move(description)),
      target_(std::move(target)),
      listeners_(listeners),
      plan_(plan) {
    if (!plan_)
        return;
    std::erase_if(target_.ports, [&](std::uint16_t port) {
        return std::ranges::binary_search(plan_->given_up(), port);
    });
    // The plan is only for the first readiness, and not for a reload or the watchdog.
    if (plan_->is_ready())
        plan_ = nullptr;
}

event::Awaitable<Finding> ListenProbe::check() {
    co_return find();
}

ListenProbe::Look ListenProbe::look() {
    const bool is_one = target_.ports.size() == 1;
    std::vector<Listener> candidates =
        listeners_.all().listeners(target_.transport, is_one ? target_.ports.front() : 0);
    std::erase_if(candidates, [this](const Listener& listener) {
        return !std::ranges::binary_search(target_.ports, listener.port);
    });
    const Inodes own = listeners_.own_among(inodes_of(candidates));
    Look look;
    Ports found;
    for (const Listener& listener : candidates)
        if (!own.contains(listener.inode))
            look.is_foreign = true;
        else if (is_reached(target_, listener))
            found.push_back(listener.port);
        else
            look.unreached.push_back(listener);
    std::ranges::sort(found);
    std::ranges::set_difference(target_.ports, found, std::back_inserter(look.missing));
    return look;
}

std::string ListenProbe::reason_of(const Look& look) const {
    if (!look.unreached.empty())
        return concat("the app listens on ", names_of(look.unreached), " only",
                      target_.is_published ? channel::never_reached : "");
    const std::string place =
        look.missing.size() == target_.ports.size() ? "there" : "on " + describe(look.missing);
    if (look.is_foreign)
        return concat("only another process listens ", place);
    return target_.transport == system::Transport::tcp ? concat("nothing listens ", place)
                                                       : concat("nothing is bound ", place);
}

Finding ListenProbe::find() {
    Finding finding;
    if (plan_ && plan_->has_spoken()) {
        finding.reason = "the app sends messages itself, so its READY=1 counts";
        return finding;
    }
    const Look look = this->look();
    is_silent_ = !look.missing.empty() && look.unreached.empty();
    finding.holds = look.missing.empty();
    if (!finding.holds)
        finding.reason = reason_of(look);
    if (!plan_)
        return finding;
    const bool has_all = finding.holds;
    finding.holds = plan_->look(event::Deadline::now(), target_.ports, look.missing);
    if (has_all && !finding.holds)
        finding.reason = "the app listens, and has a second to send READY=1 itself";
    if (finding.holds && !has_all)
        util::log(util::Severity::warning, util::Topic::process, "the command is ready without ",
                  describe(look.missing), ": ", reason_of(look));
    return finding;
}

std::string ListenProbe::hint() const {
    if (!is_silent_ || target_.transport != system::Transport::tcp)
        return {};
    std::vector<Listener> others = listeners_.all().listeners(target_.transport, 0);
    std::erase_if(others, [this](const Listener& listener) {
        return std::ranges::binary_search(target_.ports, listener.port);
    });
    const Inodes own = listeners_.own_among(inodes_of(others));
    std::erase_if(others, [&](const Listener& listener) { return !own.contains(listener.inode); });
    const std::string addresses = names_of(others);
    return addresses.empty() ? "" : concat(channel::but_listens, addresses);
}

event::Awaitable<Finding> ListenLocalProbe::check() {
    Finding finding;
    if (place_ && place_->may_hang())
        finding = co_await place_->check_in_child();
    else if (place_)
        finding = place_->look();
    if (place_ && !finding.holds)
        co_return finding;
    co_return find();
}

Finding ListenLocalProbe::find() {
    struct stat wanted {};
    const bool is_path = static_cast<bool>(place_);
    Finding finding;
    finding.reason = "nothing listens there";
    if (is_path && (::stat(name_.c_str(), &wanted) != 0 || !S_ISSOCK(wanted.st_mode))) {
        finding.reason = "the file is not a socket";
        return finding;
    }
    auto found = listeners_.all().local_listeners();
    std::erase_if(found, [&](const system::LocalListener& listener) {
        // The app may have bound a path that is relative to its own working directory.
        const bool is_relative = is_path && !listener.name.starts_with('/');
        if (listener.name == name_ || (is_relative && ends_with_path(name_, listener.name)))
            return false;
        // Another path may lead to the same file.
        struct stat status {};
        return !is_path || ::stat(listener.name.c_str(), &status) != 0
               || status.st_dev != wanted.st_dev || status.st_ino != wanted.st_ino;
    });
    if (found.empty())
        return finding;
    finding.holds = !listeners_.own_among(inodes_of(found)).empty();
    if (!finding.holds)
        finding.reason = "only another process listens there";
    else
        finding.reason.clear();
    return finding;
}

}  // namespace notifybridge::probe

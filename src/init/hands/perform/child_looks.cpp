#include "init/hands/perform/child_looks.hpp"

#include <poll.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <iterator>
#include <span>
#include <system_error>
#include <utility>

#include "base/process/clone.hpp"
#include "base/process/proc.hpp"
#include "base/process/title.hpp"
#include "base/system/datagram.hpp"
#include "base/system/error.hpp"

namespace notifybridge::perform {
namespace {

/// The size of a datagram, and the number of descriptors in it (SCM_RIGHTS allows 253).
constexpr std::size_t most_bytes = 4096;
constexpr std::size_t most_fds = 250;

struct Ends {
    system::UniqueFd ours;
    system::UniqueFd childs;
};

Ends make_ends() {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) < 0)
        system::throw_errno("socketpair");
    return {system::UniqueFd(ends[0]), system::UniqueFd(ends[1])};
}

/// Sends a part of an answer. Returns false if nobody reads the answer.
bool send(system::Fd to, system::Bytes part, std::span<const system::Fd> fds = {}) {
    for (;;) {
        const auto sent = system::send_datagram(to, part, fds);
        if (sent || sent.error().value() != EAGAIN)
            return sent.has_value();
        pollfd writable{to.get(), POLLOUT, 0};
        ::poll(&writable, 1, -1);
    }
}

int send_answer(system::Fd to, const ChildLooks::Answer& answer) {
    // A datagram cannot be empty, because an empty one looks like the end.
    constexpr std::byte no_text{};
    for (std::span<const system::UniqueFd> left = answer.fds; !left.empty();) {
        const auto now = left.first(std::min(left.size(), most_fds));
        if (!send(to, {&no_text, 1}, std::vector<system::Fd>(now.begin(), now.end())))
            return 1;
        left = left.subspan(now.size());
    }
    for (system::Bytes left = std::as_bytes(std::span(answer.text)); !left.empty();) {
        const system::Bytes now = left.first(std::min(left.size(), most_bytes));
        if (!send(to, now))
            return 1;
        left = left.subspan(now.size());
    }
    return 0;
}

int run_look(util::FunctionRef<ChildLooks::Answer()> look, system::Fd answer_to) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    process::set_title("(files)");
    // Other clients would not notice that we close a connection of which the child has a copy.
    ::dup2(answer_to.get(), STDIN_FILENO);
    process::close_all_from(STDIN_FILENO + 1);
    return send_answer(system::Fd(STDIN_FILENO), look());
}

}  // namespace

ChildLooks::~ChildLooks() {
    for (const auto& [owner, look] : running_)
        poller_.remove(look.child);
}

ChildLooks::Start ChildLooks::start(const std::string& owner, util::FunctionRef<Answer()> look,
                                    Calls calls) {
    if (running_.contains(owner))
        return Start::busy;
    try {
        Ends ends = make_ends();
        const pid_t child = process::fork_child([&] { return run_look(look, ends.childs); }).pid;
        processes_.add_own(child);
        if (poller_.add(ends.ours, EPOLLIN, [this, owner] { read(owner); }))
            return Start::failed;
        running_.emplace(owner,
                         Running{std::move(ends.ours), std::move(calls), event::Deadline::now()});
    } catch (const std::system_error&) {
        return Start::failed;
    }
    if (!late_.is_running())
        late_.start(patience_);
    return Start::begun;
}

void ChildLooks::report_late() {
    bool is_any_early = false;
    for (auto& [owner, look] : running_) {
        const bool is_late = event::Deadline::now() - look.begin >= patience_;
        is_any_early |= !is_late;
        if (is_late && !std::exchange(look.is_late, true) && look.calls.on_late)
            look.calls.on_late();
    }
    if (is_any_early)
        late_.start(patience_);
}

/// Reads a part of an answer. Reports the answer at its end, when the child has ended.
void ChildLooks::read(const std::string& owner) {
    const auto found = running_.find(owner);
    if (found == running_.end())
        return;
    Running& look = found->second;
    std::array<std::byte, most_bytes> buffer;
    auto part = system::receive_datagram(look.child, buffer);
    if (!part && part.error().value() == EAGAIN)
        return;
    if (part && !part->fds.empty()) {
        std::ranges::move(part->fds, std::back_inserter(look.read.fds));
        return;
    }
    if (part && part->size > 0) {
        look.read.text.append(reinterpret_cast<const char*>(buffer.data()), part->size);
        return;
    }
    poller_.remove(look.child);
    // The callback may start the next look of this owner.
    auto ended = running_.extract(found);
    ended.mapped().calls.on_answer(ended.mapped().read);
}

}  // namespace notifybridge::perform

#include "init/perform/child_looks.hpp"

#include <sys/epoll.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <utility>

#include "base/process/clone.hpp"
#include "base/process/proc.hpp"
#include "base/process/title.hpp"
#include "base/system/pipe.hpp"

namespace notifybridge::perform {
namespace {

int run_look(util::FunctionRef<std::string()> look, int answer_to) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    process::set_title("(files)");
    // Other clients would not notice that we close a connection of which the child has a copy.
    ::dup2(answer_to, STDIN_FILENO);
    process::close_all_from(STDIN_FILENO + 1);
    const std::string answer = look();
    for (std::size_t at = 0; at < answer.size();) {
        const ssize_t size = ::write(STDIN_FILENO, answer.data() + at, answer.size() - at);
        if (size < 0)
            return 1;
        at += static_cast<std::size_t>(size);
    }
    return 0;
}

}  // namespace

ChildLooks::~ChildLooks() {
    for (const auto& [owner, look] : running_)
        poller_.remove(look.answer);
}

ChildLooks::Start ChildLooks::start(const std::string& owner, util::FunctionRef<std::string()> look,
                                    Calls calls) {
    if (running_.contains(owner))
        return Start::busy;
    try {
        system::Pipe pipe = system::make_pipe();
        const pid_t child =
            process::fork_child([&] { return run_look(look, pipe.writing.get()); }).pid;
        processes_.add_own(child);
        if (poller_.add(pipe.reading, EPOLLIN, [this, owner] { read(owner); }))
            return Start::failed;
        running_.emplace(
            owner, Running{std::move(pipe.reading), std::move(calls), event::Deadline::now()});
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

/// Reads a part of an answer. Reports the answer at its end, when the child has closed the pipe.
void ChildLooks::read(const std::string& owner) {
    const auto found = running_.find(owner);
    if (found == running_.end())
        return;
    std::array<char, 4096> buffer;
    const ssize_t size = ::read(found->second.answer.get(), buffer.data(), buffer.size());
    if (size > 0)
        found->second.read.append(buffer.data(), static_cast<std::size_t>(size));
    if (size > 0 || (size < 0 && (errno == EAGAIN || errno == EINTR)))
        return;
    poller_.remove(found->second.answer);
    // The callback may start the next look of this owner.
    const auto ended = running_.extract(found);
    ended.mapped().calls.on_answer(ended.mapped().read);
}

}  // namespace notifybridge::perform

#include "bridge/probe/script.hpp"

#include <unistd.h>

#include <array>

#include "base/system/pipe.hpp"

namespace notifybridge::probe {
namespace {

constexpr std::size_t longest_words = 200;

}  // namespace

Script::Script(event::Loop& loop, process::Supervisor& supervisor, std::string command)
    : loop_(loop),
      supervisor_(supervisor),
      command_(std::move(command)),
      deadline_(loop),
      ended_(loop) {
    lines_.on_line = [this](std::string_view line) {
        if (!line.empty())
            outcome_.last_words = line.substr(0, longest_words);
    };
    deadline_.on_expired = [this] {
        outcome_.timed_out = true;
        supervisor_.kill_helper(pid_);
    };
}

void Script::start(process::Environment environment, Output output) {
    const system::UniqueFd nothing = system::open_null();
    process::Command command;
    command.arguments = {"/bin/sh", "-c", command_};
    command.environment = std::move(environment);
    command.input = nothing;
    command.output = nothing;
    system::UniqueFd writing;
    if (output == Output::listened_to) {
        system::Pipe pipe = system::make_pipe();
        errors_.emplace(loop_, std::move(pipe.reading));
        writing = std::move(pipe.writing);
        command.error = writing;
    } else {
        command.output = system::Fd(STDERR_FILENO);
    }
    // A hook may leave slow work to others, as sendmail does; nobody waits for a result.
    const auto rest = output == Output::listened_to ? process::Supervisor::Rest::ends
                                                    : process::Supervisor::Rest::goes_on;
    pid_ = supervisor_.start_helper(std::move(command), rest, [this](process::ExitStatus status) {
        outcome_.end = status;
        ended_.raise();
    });
}

event::Awaitable<Script::Outcome> Script::run(process::Environment environment,
                                              std::chrono::microseconds limit, Output output) {
    outcome_ = {};
    try {
        start(std::move(environment), output);
    } catch (const std::system_error& error) {
        errors_.reset();
        outcome_.last_words = error.what();
        co_return outcome_;
    }
    deadline_.start(limit);
    if (errors_)
        loop_.spawn([this] { return listen(); });
    while (!outcome_.end)
        co_await ended_.wait();
    deadline_.cancel();
    if (errors_)
        take_words();
    lines_.end();
    errors_.reset();
    co_return outcome_;
}

event::Awaitable<> Script::listen() {
    // The script's end also ends this, because the descriptor is destroyed.
    bool readable = co_await errors_->readable();
    while (readable && errors_) {
        const bool more = take_words();
        if (!more)
            co_return;
        readable = co_await errors_->readable();
    }
}

/// Reads pending output, at most one piece in case the script never stops. Returns false at the
/// end.
bool Script::take_words() {
    std::array<char, 4096> buffer;
    for (std::size_t taken = 0; taken < LineSplitter::longest_line;) {
        const ssize_t size = ::read(errors_->fd().get(), buffer.data(), buffer.size());
        if (size <= 0)
            return size < 0;
        taken += static_cast<std::size_t>(size);
        lines_.feed({buffer.data(), static_cast<std::size_t>(size)});
    }
    return true;
}

std::string describe(const Script::Outcome& outcome) {
    if (outcome.timed_out)
        return "did not exit in time";
    if (!outcome.last_words.empty())
        return outcome.last_words;
    return outcome.end ? process::describe(*outcome.end) : "could not be started";
}

}  // namespace notifybridge::probe

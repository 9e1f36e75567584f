#include "bridge/probe/script.hpp"

#include <unistd.h>

#include <array>

#include "base/system/error.hpp"
#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "base/util/escape.hpp"
#include "base/util/utf8.hpp"
#include "base/util/words.hpp"

namespace notifybridge::probe {
namespace {

constexpr std::size_t longest_words = 200;

/// Returns whether a line belongs to the progress table that curl shows before its error message.
bool is_progress_of_curl(std::string_view line) {
    return line.starts_with("  % Total    % Received")
           || line.find("Dload  Upload   Total   Spent") != line.npos || line.starts_with('\r');
}

}  // namespace

Script::Script(event::Loop& loop, process::Supervisor& supervisor,
               std::vector<std::string> arguments)
    : loop_(loop),
      supervisor_(supervisor),
      arguments_(std::move(arguments)),
      deadline_(loop),
      ended_(loop) {
    lines_.on_line = [this](std::string_view line) { take_line(line); };
    deadline_.on_expired = [this] {
        outcome_.timed_out = true;
        kill();
    };
}

void Script::kill() {
    supervisor_.helpers().kill(pid_);
}

void Script::take_line(std::string_view line) {
    const bool has_words = line.find_first_not_of(util::white_space) != line.npos;
    const bool is_kept = !keeps_first_ || (outcome_.words.empty() && !is_progress_of_curl(line));
    if (has_words && is_kept)
        outcome_.words = util::utf8_prefix(line, longest_words);
}

void Script::start(process::Environment environment, Output output) {
    const system::UniqueFd nothing = system::open_null();
    process::Command command;
    command.arguments = arguments_;
    command.environment = std::move(environment);
    command.input = nothing;
    command.output = nothing;
    system::UniqueFd writing;
    keeps_first_ = output == Output::first_line;
    if (output == Output::logged) {
        command.output = system::Fd(STDERR_FILENO);
    } else {
        system::Pipe pipe = system::make_pipe();
        output_.emplace(loop_, std::move(pipe.reading));
        writing = std::move(pipe.writing);
        command.error = writing;
        if (keeps_first_)
            command.output = writing;
    }
    // A hook may leave slow work to other processes, as sendmail does. We do not wait for the
    // result of that work.
    const auto members = output == Output::logged ? process::Helpers::GroupMembers::kept
                                                  : process::Helpers::GroupMembers::killed;
    pid_ = supervisor_.helpers().start(std::move(command), members,
                                       [this](process::ExitStatus status) {
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
        output_.reset();
        outcome_.words = util::concat("cannot run ", util::quote(arguments_.front()), ": ",
                                      system::describe(error.code().value()));
        co_return outcome_;
    }
    deadline_.start(limit);
    if (output_)
        loop_.spawn([this] { return listen(); });
    while (!outcome_.end)
        co_await ended_.wait();
    deadline_.cancel();
    if (output_)
        take_words();
    lines_.end();
    output_.reset();
    co_return outcome_;
}

event::Awaitable<> Script::listen() {
    // This coroutine ends with the script, because the script's end destroys the descriptor.
    bool readable = co_await output_->readable();
    while (readable && output_) {
        const bool more = take_words();
        if (!more)
            co_return;
        readable = co_await output_->readable();
    }
}

/// Reads pending output. Reads at most 64 KiB, because the script may never stop writing. Returns
/// false at the end.
bool Script::take_words() {
    std::array<char, 4096> buffer;
    for (std::size_t taken = 0; taken < LineSplitter::longest_line;) {
        const ssize_t size = ::read(output_->fd().get(), buffer.data(), buffer.size());
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
    if (!outcome.words.empty())
        return outcome.words;
    return outcome.end ? process::describe(*outcome.end) : "could not be started";
}

}  // namespace notifybridge::probe

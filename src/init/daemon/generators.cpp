#include "init/daemon/generators.hpp"

#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

#include "base/process/clone.hpp"
#include "base/process/environment.hpp"
#include "base/process/proc.hpp"
#include "base/process/title.hpp"
#include "base/system/pipe.hpp"
#include "base/util/base_name.hpp"
#include "base/util/concat.hpp"
#include "base/util/log.hpp"
#include "base/util/take_until.hpp"
#include "init/hands/generate/find_generators.hpp"

namespace notifybridge::daemon {
namespace {

using util::Severity;
using util::Topic;

/// The additional time that the child gets after the time limit of its generators. Then the child
/// is killed.
constexpr std::chrono::seconds reserve(10);
/// The number of the report's descriptor in the child.
constexpr int report_fd = STDERR_FILENO + 1;

/// Returns the environment of this process together with the variables of the manager. Omits
/// variables that are only for this process.
process::Environment environment_of_generators(const unit::Environment& manager) {
    process::Environment environment = process::Environment::inherited();
    for (const char* const name : {"NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID",
                                   "LISTEN_FDS", "LISTEN_FDNAMES"})
        environment.unset(name);
    for (const std::string& variable : manager) {
        const std::size_t sign = variable.find('=');
        environment.set(variable.substr(0, sign), variable.substr(sign + 1));
    }
    return environment;
}

/// Writes a record as one line: its severity as a digit, and its text.
void write_record(int fd, Severity severity, const std::string& text) {
    const std::string line = util::concat(static_cast<int>(severity), text, '\n');
    static_cast<void>(::write(fd, line.data(), line.size()));
}

/// Runs the generators in the child. Closes all descriptors of the manager except those for the
/// generators and the report. If the child kept the others, clients would not notice when the
/// manager closes their connections.
int run_in_child(generate::GeneratorRun run, system::Fd report, const std::string& architecture) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    process::set_title("(generators)");
    std::vector<std::pair<system::Fd, int>> kept;
    int next = report_fd;
    kept.emplace_back(report, next++);
    for (generate::Generator& generator : run.generators) {
        kept.emplace_back(generator.output, next);
        generator.output = system::Fd(next++);
    }
    for (const process::PlacedFd& placed : process::copy_for_placing(kept))
        ::dup3(placed.fd.get(), placed.number, O_CLOEXEC);
    process::close_all_from(next);
    // Unblock all signals, so that SIGTERM ends the child when the manager ends all processes.
    sigset_t none;
    ::sigemptyset(&none);
    ::sigprocmask(SIG_SETMASK, &none, nullptr);
    generate::describe_system(run.environment, architecture);
    generate::run_generators(run, [](Severity severity, const std::string& text) {
        write_record(report_fd, severity, text);
    });
    return 0;
}

}  // namespace

Generators::Generators(event::Loop& loop, perform::HostState& state,
                       std::vector<std::string> directories)
    : loop_(loop), state_(state), directories_(std::move(directories)), limit_(loop) {
    limit_.on_expired = [this] {
        if (!report_)
            return;
        util::log(
            Severity::warning, Topic::process,
            "the process that runs the generators did not end in time; killing it and continuing");
        ::kill(child_, SIGKILL);
        report_->cancel();
    };
}

event::Awaitable<> Generators::run() {
    if (directories_.empty())
        co_return;
    const auto paths = generate::find_generators(directories_);
    if (paths.empty() && !generate::has_generated_units(generate::GeneratorRun().directory))
        co_return;
    try {
        std::vector<system::UniqueFd> outputs;
        const generate::GeneratorRun run = prepare(paths, outputs);
        start(run);
        limit_.start(run.limit + reserve);
    } catch (const std::system_error& error) {
        util::log(Severity::error, Topic::process, "cannot run generators: ", error.what(),
                  "; continuing without them");
        co_return;
    }
    co_await follow();
    limit_.cancel();
    report_.reset();
    // Log the last output of the generators before messages about the generated units.
    state_.output.catch_up([](const std::string&) { return true; });
    for (const std::string& path : paths)
        state_.output.recent().forget(std::string(util::base_name(path)));
}

/// Prepares the run of the generators. Each generator gets a pipe, so that its output is logged
/// with its name.
generate::GeneratorRun Generators::prepare(const std::vector<std::string>& paths,
                                           std::vector<system::UniqueFd>& outputs) {
    generate::GeneratorRun run;
    run.environment = environment_of_generators(state_.settings.environment.own());
    for (const std::string& path : paths) {
        system::Pipe pipe = system::make_pipe();
        const std::string name(util::base_name(path));
        if (const auto error =
                state_.output.attach(name, 0, std::move(pipe.reading), {.identifier = name}))
            throw std::system_error(error, "epoll_ctl");
        run.generators.push_back({path, pipe.writing});
        outputs.push_back(std::move(pipe.writing));
    }
    return run;
}

void Generators::start(const generate::GeneratorRun& run) {
    system::Pipe report = system::make_pipe();
    const std::string& architecture = state_.settings.facts.architecture;
    child_ =
        process::fork_child([&] { return run_in_child(run, report.writing, architecture); }).pid;
    report_.emplace(loop_, std::move(report.reading));
}

event::Awaitable<> Generators::follow() {
    while (read_report()) {
        const bool readable = co_await report_->readable();
        if (!readable)
            co_return;
    }
}

/// Reads the available part of the report. Returns false at the end of the report.
bool Generators::read_report() {
    char buffer[4096];
    for (;;) {
        const ssize_t size = ::read(report_->fd().get(), buffer, sizeof buffer);
        if (size <= 0)
            return size < 0 && (errno == EAGAIN || errno == EINTR);
        unread_.append(buffer, static_cast<std::size_t>(size));
        std::string_view rest = unread_;
        while (rest.find('\n') != rest.npos) {
            const std::string_view line = util::take_until(rest, '\n');
            util::log(static_cast<Severity>(line.front() - '0'), Topic::process, line.substr(1));
        }
        unread_.erase(0, unread_.size() - rest.size());
    }
}

}  // namespace notifybridge::daemon

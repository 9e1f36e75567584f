#include "init/ctl/transient_run.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/json/array.hpp>
#include <cerrno>
#include <list>
#include <optional>

#include "base/process/environment.hpp"
#include "base/process/exit_status.hpp"
#include "base/system/error.hpp"
#include "base/system/file.hpp"
#include "base/system/pipe.hpp"
#include "base/system/streams.hpp"
#include "base/util/concat.hpp"
#include "base/util/number.hpp"
#include "base/util/time_span.hpp"
#include "init/ctl/copier.hpp"
#include "init/ctl/names.hpp"
#include "init/ctl/properties.hpp"
#include "init/ctl/terminal_relay.hpp"
#include "init/ctl/verbs.hpp"
#include "init/files/unit/value.hpp"

namespace notifybridge::ctl {
namespace {

using util::concat;

constexpr mode_t transient_directory_mode = 0755;
/// systemd-run's exit status if a signal ended the service (EXIT_EXCEPTION).
constexpr int status_signalled = 255;

/// The files of transient units. `init` removes such a file when it forgets the unit.
class TransientFiles {
public:
    explicit TransientFiles(const Options& options)
        : directory_(concat(options.root, "/run/systemd/transient")) {}

    void write(const Context& context, const std::string& name, const std::string& text) {
        const auto failed = [&](std::string_view why) {
            return Failure(concat("Failed to start transient unit ", name, ": ", why));
        };
        if (state_of(context, name).load != "not-found")
            throw failed("Unit was already loaded or has a fragment file.");
        if (const int error = system::make_directories(directory_, transient_directory_mode))
            throw failed(concat("cannot create ", directory_, ": ", system::describe(error)));
        const auto directory = system::open_directory(directory_);
        if (!directory)
            throw failed(concat(directory_, ": ", system::describe(directory.error().value())));
        if (const auto file =
                system::replace_file(*directory, name.c_str(), system::bytes_of(text));
            !file)
            throw failed(concat("cannot write ", directory_, '/', name, ": ",
                                system::describe(file.error().value())));
        names_.push_back(name);
    }

    /// Removes the files of units that were not started.
    void remove() {
        for (const std::string& name : names_)
            ::unlink(concat(directory_, '/', name).c_str());
    }

private:
    std::string directory_;
    std::vector<std::string> names_;
};

/// Our standard streams, which the service opens by their paths in /proc. A socket cannot be
/// opened, and a file would have another offset there. So such a stream is connected by a pipe.
class OwnStreams {
public:
    explicit OwnStreams(TransientUnit& service) {
        add(service, "StandardInput=file", STDIN_FILENO);
        add(service, "StandardOutput=append", STDOUT_FILENO);
        add(service, "StandardError=append", STDERR_FILENO);
    }

    /// Copies the rest of the output. Must be called when the service has ended.
    void finish() {
        input_.stop();
        for (Copier& each : outputs_)
            each.finish();
    }

private:
    void add(TransientUnit& service, std::string_view setting, int fd) {
        struct stat status {};
        if (::fstat(fd, &status) < 0)
            return;
        int opened = fd;
        if (S_ISSOCK(status.st_mode) || S_ISREG(status.st_mode))
            opened = fd == STDIN_FILENO ? pipe_from(fd) : pipe_to(fd);
        service.add_assignment(concat(setting, ":/proc/", ::getpid(), "/fd/", opened));
    }

    /// Returns a new pipe, both ends of which block.
    system::Pipe& new_pipe() {
        system::Pipe& pipe = pipes_.emplace_back(system::make_pipe());
        ::fcntl(pipe.reading.get(), F_SETFL, 0);
        return pipe;
    }

    int pipe_from(int fd) {
        system::Pipe& pipe = new_pipe();
        input_.begin(fd, pipe.writing.get());
        // Only the copier has this end, so that the end of our input is the end of the service's.
        pipe.writing.reset();
        return pipe.reading.get();
    }

    int pipe_to(int fd) {
        system::Pipe& pipe = new_pipe();
        outputs_.emplace_back().begin(pipe.reading.get(), fd);
        return pipe.writing.get();
    }

    std::list<system::Pipe> pipes_;
    Copier input_;
    std::list<Copier> outputs_;
};

/// The end of the service, as the manager reports it.
struct ServiceEnd {
    std::string result;
    std::string code;  ///< ExecMainCode=, a CLD_ number
    int status = 0;    ///< The exit status or the signal.
    std::string runtime;
};

std::string property(const json::object& answer, std::string_view name) {
    const auto* const all = answer.if_contains("properties");
    if (!all || !all->is_array())
        return {};
    for (const json::value& each : all->get_array())
        if (each.is_array() && each.get_array().size() == 2 && each.get_array()[0].is_string()
            && each.get_array()[0].get_string() == name && each.get_array()[1].is_string())
            return std::string(each.get_array()[1].get_string());
    return {};
}

/// Returns the time between two timestamps that `show` prints in µs. Returns an empty text if one
/// of them is missing.
std::string span_between(const std::string& from, const std::string& to) {
    const auto begin = util::parse_number<std::uint64_t>(from);
    const auto end = util::parse_number<std::uint64_t>(to);
    if (!begin || !end || *begin == 0 || *end < *begin)
        return {};
    return util::to_decimal_string(std::chrono::microseconds(*end - *begin));
}

ServiceEnd read_end(const json::object& answer) {
    return {property(answer, "Result"), property(answer, "ExecMainCode"),
            util::parse_number<int>(property(answer, "ExecMainStatus")).value_or(0),
            span_between(property(answer, "ExecMainStartTimestampMonotonic"),
                         property(answer, "ExecMainExitTimestampMonotonic"))};
}

int exit_status(const ServiceEnd& end) {
    if (end.result == "success")
        return 0;
    if (end.result == "exit-code" && end.status > 0)
        return end.status;
    return end.result == "signal" ? status_signalled : status_failure;
}

void print_end(const ServiceEnd& end) {
    system::err() << "          Finished with result: " << end.result << '\n';
    const bool has_exited = end.code == "1";
    if (!end.code.empty() && end.code != "0")
        system::err() << "Main processes terminated with: code="
                      << (has_exited        ? "exited"
                          : end.code == "3" ? "dumped"
                                            : "killed")
                      << ", status=" << end.status << '/'
                      << (has_exited ? (end.status == 0 ? "SUCCESS" : "FAILURE")
                                     : process::signal_name(end.status).substr(3))
                      << '\n';
    if (!end.runtime.empty())
        system::err() << "               Service runtime: " << end.runtime << '\n';
}

void print_start(const Context& context, const TransientRun& run) {
    if (context.options.is_quiet)
        return;
    if (!run.trigger_name.empty()) {
        system::err() << "Running timer as unit: " << run.trigger_name
                      << "\nWill run service as unit: " << run.name << '\n';
        return;
    }
    std::string invocation;
    // A short service may have ended, and be forgotten.
    if (context.options.blocks)
        invocation = properties_of(context, run.name)["InvocationID"];
    system::err() << "Running as unit: " << run.name
                  << (invocation.empty() ? "" : concat("; invocation ID: ", invocation)) << '\n';
}

}  // namespace

int run_transient(const Options& given, TransientRun run) {
    Options options = given;
    const bool prints_end = options.waits && !options.is_quiet;
    options.waits = options.waits || run.streams != Streams::log;
    const Context context{options, "start", {}};
    std::optional<TerminalRelay> relay;
    std::optional<OwnStreams> streams;
    if (run.streams == Streams::pipe)
        streams.emplace(run.service);
    if (run.streams == Streams::terminal) {
        relay.emplace();
        run.service.add({"StandardInput", "tty"});
        run.service.add({"StandardOutput", "tty"});
        run.service.add({"StandardError", "tty"});
        run.service.add({"TTYPath", relay->path()});
        if (const auto type = process::environment_variable("TERM"))
            run.service.add({"Environment", quoted_word(concat("TERM=", *type))});
    }
    TransientFiles files(options);
    std::optional<ServiceEnd> end;
    int status = 0;
    try {
        files.write(context, run.name, run.service.text());
        if (!run.trigger_name.empty())
            files.write(context, run.trigger_name, run.trigger.text());
        if (!options.blocks)
            print_start(context, run);
        status = start_unit(context, run.trigger_name.empty() ? run.name : run.trigger_name,
                            [&](const json::object& answer) {
                                if (answer.contains("outcome") && text(answer, "outcome") == "done")
                                    print_start(context, run);
                                if (relay && answer.contains("outcome"))
                                    relay->begin();
                                if (answer.contains("ended"))
                                    end = read_end(answer);
                            });
    } catch (...) {
        files.remove();
        throw;
    }
    if (relay)
        relay->finish();
    if (streams)
        streams->finish();
    if (!end) {
        // The manager forgets the files of a unit that it has started.
        if (status != 0)
            files.remove();
        return status;
    }
    if (prints_end)
        print_end(*end);
    return exit_status(*end);
}

}  // namespace notifybridge::ctl

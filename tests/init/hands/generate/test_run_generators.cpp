#include "init/hands/generate/run_generators.hpp"

#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>

#include "base/process/clone.hpp"
#include "base/system/pipe.hpp"
#include "base/util/concat.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::generate {
namespace {

namespace fs = std::filesystem;

/// A directory with generators and the files that they write.
class Scene : public test::TemporaryDirectory {
public:
    // The limits are long, because programs may take long on a busy machine.
    Scene() : run_{{}, path(), {}, std::chrono::minutes(10), std::chrono::minutes(9)} {}

    void set_directory(const std::string& name) { run_.directory = path(name); }
    void set_limit(std::chrono::milliseconds limit) { run_.limit = limit; }
    void set_patience(std::chrono::milliseconds patience) { run_.patience = patience; }

    void add(const std::string& name, const std::string& script, bool has_interpreter = true) {
        write(name, (has_interpreter ? "#!/bin/sh\n" : "") + script);
        fs::permissions(path(name), fs::perms(0755));
        run_.generators.push_back({path(name), system::Fd(STDERR_FILENO)});
    }

    /// Runs all generators. Returns the messages about them, one per line.
    std::string run() {
        run_.environment.set("PATH", "/usr/bin:/bin");
        const system::Pipe pipe = system::make_pipe();
        const process::Child child = process::fork_child([&] {
            run_generators(run_, [&](util::Severity, const std::string& text) {
                const std::string line = util::concat(text, '\n');
                static_cast<void>(::write(pipe.writing.get(), line.data(), line.size()));
            });
            return 0;
        });
        int status = -1;
        BOOST_TEST(::waitpid(child.pid, &status, 0) == child.pid);
        BOOST_TEST(status == 0);
        std::string told(65536, '\0');
        const ssize_t size = ::read(pipe.reading.get(), told.data(), told.size());
        told.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
        for (std::size_t at = 0; (at = told.find(path() + '/')) != told.npos;)
            told.erase(at, path().size() + 1);
        return told;
    }

    bool has(const std::string& name) const { return fs::exists(fs::symlink_status(path(name))); }

private:
    GeneratorRun run_;
};

/// A process that a test has left running. The destructor kills it.
struct Leftover {
    explicit Leftover(const std::string& text) : pid(std::stoi(text)) {}
    ~Leftover() { ::kill(pid, SIGKILL); }
    pid_t pid;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(run_generators_)

BOOST_AUTO_TEST_CASE(a_generator_receives_three_directories) {
    Scene scene;
    scene.add("one", "touch $1/normal.service $2/early.service $3/late.service; test $# = 3\n");
    BOOST_TEST(scene.run() == "");
    BOOST_TEST(scene.has("generator/normal.service"));
    BOOST_TEST(scene.has("generator.early/early.service"));
    BOOST_TEST(scene.has("generator.late/late.service"));
}

BOOST_AUTO_TEST_CASE(earlier_generated_units_and_empty_directories_are_removed) {
    Scene scene;
    fs::create_directories(scene.path("generator/deep/er"));
    scene.write("generator/deep/er/old.service", "");
    scene.write("generator.late", "not a directory");
    scene.add("one", "touch $2/new.service\n");
    BOOST_TEST(has_generated_units(scene.path()));
    BOOST_TEST(scene.run() == "");
    BOOST_TEST(scene.has("generator.early/new.service"));
    BOOST_TEST(!scene.has("generator"));
    BOOST_TEST(!scene.has("generator.late"));
}

BOOST_AUTO_TEST_CASE(earlier_generated_units_are_removed_without_generators) {
    Scene scene;
    fs::create_directory(scene.path("generator"));
    BOOST_TEST(scene.run() == "");
    BOOST_TEST(!has_generated_units(scene.path()));
}

BOOST_AUTO_TEST_CASE(links_in_the_output_of_generators_are_not_followed) {
    Scene scene;
    fs::create_directory(scene.path("elsewhere"));
    scene.write("elsewhere/kept", "");
    fs::create_directory(scene.path("generator"));
    fs::create_symlink(scene.path("elsewhere"), scene.path("generator/link"));
    fs::create_symlink(scene.path("elsewhere"), scene.path("generator.early"));
    BOOST_TEST(scene.run() == "");
    BOOST_TEST(!has_generated_units(scene.path()));
    BOOST_TEST(scene.has("elsewhere/kept"));
}

BOOST_AUTO_TEST_CASE(generators_run_at_the_same_time) {
    Scene scene;
    const std::string fifo = scene.path("fifo");
    BOOST_REQUIRE(::mkfifo(fifo.c_str(), 0600) == 0);
    scene.add("one", "read line <" + fifo + " && echo $line >$1/read\n");
    scene.add("two", "echo hello >" + fifo + "\n");
    BOOST_TEST(scene.run() == "");
    BOOST_TEST(scene.read("generator/read") == "hello\n");
}

BOOST_AUTO_TEST_CASE(a_failed_generator_is_reported_but_its_units_stay) {
    Scene scene;
    scene.add("exits", "touch $1/a.service; exit 3\n");
    scene.add("is-killed", "kill -SEGV $$\n");
    scene.add("works", "touch $1/b.service\n");
    const std::string told = scene.run();
    BOOST_TEST(told.find("the generator exits exited with status 3; using what it wrote\n")
               != told.npos);
    BOOST_TEST(told.find("the generator is-killed was killed by SIGSEGV; using what it wrote\n")
               != told.npos);
    BOOST_TEST(scene.has("generator/a.service"));
    BOOST_TEST(scene.has("generator/b.service"));
}

BOOST_AUTO_TEST_CASE(a_generator_that_cannot_be_executed_is_reported) {
    Scene scene;
    scene.add("rubbish",
              "\x7F"
              "ELF and rubbish",
              false);
    BOOST_TEST(scene.run()
               == "cannot run the generator rubbish: Exec format error; continuing without its "
                  "units\n");
}

BOOST_AUTO_TEST_CASE(a_generator_that_hangs_is_reported_and_killed) {
    Scene scene;
    scene.set_limit(std::chrono::milliseconds(300));
    scene.set_patience(std::chrono::milliseconds(100));
    scene.add("hangs", "touch $1/a.service; trap '' TERM; sleep 600\n");
    BOOST_TEST(scene.run()
               == "still waiting for the generator hangs; it will be killed after 300ms\n"
                  "killed the generator hangs, which did not end within 300ms; using what it "
                  "wrote\n");
    BOOST_TEST(scene.has("generator/a.service"));
}

BOOST_AUTO_TEST_CASE(processes_that_a_generator_leaves_are_reported) {
    Scene scene;
    scene.add("leaves", "sleep 600 >/dev/null 2>&1 &\necho $! >" + scene.path("pid") + "\n");
    const std::string told = scene.run();
    const std::string pid = scene.read("pid");
    const Leftover leftover(pid);
    BOOST_TEST(told.starts_with("the generator leaves left processes running: pid "
                                + pid.substr(0, pid.size() - 1) + " ("));
    BOOST_TEST(::kill(leftover.pid, 0) == 0);
}

BOOST_AUTO_TEST_CASE(a_daemon_that_a_generator_starts_is_reported) {
    Scene scene;
    scene.add("leaves", "setsid sh -c 'echo $$ >" + scene.path("pid")
                            + "; exec sleep 600' >/dev/null 2>&1 &\nuntil [ -s " + scene.path("pid")
                            + " ]; do sleep 0.01; done\n");
    const std::string told = scene.run();
    const Leftover leftover(scene.read("pid"));
    BOOST_TEST(told.starts_with("a generator left processes running: pid "));
}

BOOST_AUTO_TEST_CASE(ten_thousand_generated_units_are_written_and_removed) {
    Scene scene;
    scene.add("many", "cd $1 && seq 10000 | sed 's/$/.service/' | xargs touch\n");
    BOOST_TEST(scene.run() == "");
    BOOST_TEST(scene.has("generator/10000.service"));
    BOOST_TEST(scene.run() == "");
    BOOST_TEST(std::distance(fs::directory_iterator(scene.path("generator")), {}) == 10000);
}

BOOST_AUTO_TEST_CASE(the_environment_of_a_generator_describes_the_system) {
    process::Environment environment;
    describe_system(environment, "x86-64");
    BOOST_TEST(*environment.get("SYSTEMD_SCOPE") == "system");
    BOOST_TEST(*environment.get("SYSTEMD_IN_INITRD") == "0");
    BOOST_TEST(*environment.get("SYSTEMD_ARCHITECTURE") == "x86-64");
    Scene scene;
    scene.add("one",
              "test $SYSTEMD_EXEC_PID = $$ && test \"$(umask)\" = 0022 && read line; "
              "test $? = 1\n");
    BOOST_TEST(scene.run() == "");
}

BOOST_AUTO_TEST_CASE(directories_that_cannot_be_created_are_reported) {
    Scene scene;
    scene.add("one", "true\n");
    scene.set_directory("missing");
    BOOST_TEST(scene.run()
               == "cannot create missing/generator: No such file or directory; continuing without "
                  "generators\n");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::generate

#include "bridge/runtime/real_runtime.hpp"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <string>

#include "base/util/concat.hpp"
#include "bridge/runtime/refusal.hpp"
#include "support/temporary_directory.hpp"

namespace notifybridge::runtime::test_real_runtime {
namespace {

using util::concat;

/// Directories for PATH, in which tests install fake runtimes.
struct Machine {
    test::TemporaryDirectory directory;
    std::string first = directory.path("first");
    std::string second = directory.path("second");
    std::string path = concat(first, ':', second);
    /// podman's settings, which hide the runtimes of the machine that runs this test.
    std::string settings = "[engine.runtimes]\ncrun = []\nrunc = []\n";

    Machine() {
        BOOST_TEST_REQUIRE(::mkdir(first.c_str(), 0755) == 0);
        BOOST_TEST_REQUIRE(::mkdir(second.c_str(), 0755) == 0);
        install("notifybridge");
    }

    std::string install(const std::string& name, mode_t mode = 0755) const {
        directory.write(name, "#!/bin/false\n");
        BOOST_TEST_REQUIRE(::chmod(directory.path(name).c_str(), mode) == 0);
        return directory.path(name);
    }

    /// Creates a link to our executable with this name.
    void link(const std::string& name) const {
        BOOST_TEST_REQUIRE(
            ::symlink(directory.path("notifybridge").c_str(), directory.path(name).c_str()) == 0);
    }

    system::FileIdentity identity_of(const char* name) const {
        const auto identity = system::identity(directory.fd(), name);
        BOOST_TEST_REQUIRE(identity.has_value());
        return *identity;
    }

    RealRuntime runtime(std::string_view through = "") const {
        return {identity_of("notifybridge"), through};
    }

    std::string find(std::string_view wanted, std::string_view called_as) const {
        return find(runtime(), wanted, called_as);
    }

    std::string find(const RealRuntime& real, std::string_view wanted,
                     std::string_view called_as) const {
        directory.write("settings", settings);
        return real.find(wanted, called_as, path, [&](std::string_view name) {
            return name == "CONTAINERS_CONF" ? directory.path("settings") : std::string();
        });
    }

    std::string refusal(std::string_view wanted, std::string_view called_as = "") const {
        try {
            return concat("it found ", find(wanted, called_as));
        } catch (const Refusal& refusal) {
            return refusal.what();
        }
    }
};

bool says(const std::string& text, std::string_view part) {
    BOOST_TEST_INFO(text);
    return text.find(part) != std::string::npos;
}

}  // namespace

BOOST_FIXTURE_TEST_SUITE(real_runtime, Machine)

BOOST_AUTO_TEST_CASE(the_first_runtime_with_the_called_name_is_used) {
    install("first/crun");
    const std::string runc = install("first/runc");
    install("second/runc");
    BOOST_TEST(find("", "runc") == runc);
}

BOOST_AUTO_TEST_CASE(a_missing_runtime_is_replaced_by_the_other_known_runtime) {
    const std::string crun = install("second/crun");
    BOOST_TEST(find("", "runc") == crun);
    BOOST_TEST(find("", "") == crun);
}

BOOST_AUTO_TEST_CASE(crun_is_preferred_to_runc_if_no_name_is_given) {
    const std::string runc = install("first/runc");
    BOOST_TEST(find("", "") == runc);
    const std::string crun = install("second/crun");
    BOOST_TEST(find("", "") == crun);
}

BOOST_AUTO_TEST_CASE(our_executable_is_skipped_under_any_name) {
    link("first/crun");
    const std::string real = install("second/crun");
    BOOST_TEST(find("", "crun") == real);
    BOOST_TEST(find("crun", "") == real);
    BOOST_TEST_REQUIRE(::unlink(directory.path("first/crun").c_str()) == 0);
    BOOST_TEST_REQUIRE(
        ::link(directory.path("notifybridge").c_str(), directory.path("first/crun").c_str()) == 0);
    BOOST_TEST(find("", "crun") == real);
}

BOOST_AUTO_TEST_CASE(a_runtime_that_cannot_be_executed_is_skipped) {
    install("first/crun", 0644);
    BOOST_TEST_REQUIRE(::mkdir(directory.path("first/runc").c_str(), 0755) == 0);
    const std::string real = install("second/runc");
    BOOST_TEST(find("", "crun") == real);
}

BOOST_AUTO_TEST_CASE(relative_and_empty_directories_in_path_are_skipped) {
    install("crun");
    BOOST_TEST_REQUIRE(::chdir(directory.path().c_str()) == 0);
    path = concat(":.:first:", first, ':');
    BOOST_TEST(says(refusal("", "crun"), "no OCI runtime is in PATH"));
    BOOST_TEST_REQUIRE(::chdir("/") == 0);
}

BOOST_AUTO_TEST_CASE(an_error_about_a_missing_runtime_names_the_search_path) {
    link("first/crun");
    link("second/runc");
    for (const char* const name : {"", "crun", "runc"}) {
        BOOST_TEST(says(refusal("", name), concat("no OCI runtime is in PATH (\"", path)));
        BOOST_TEST(says(refusal("", name), "install crun or runc"));
    }
    path = "";
    BOOST_TEST(says(refusal("", "crun"), "no OCI runtime is in PATH (\"\")"));
}

BOOST_AUTO_TEST_CASE(a_runtime_of_podmans_settings_is_used_if_path_has_none) {
    install("first/runc");
    link("ours");
    const std::string crun = install("store-crun");
    const std::string kata = install("kata-runtime");
    settings =
        concat("[engine.runtimes]\ncrun = [\"store-crun\", \"/nowhere/crun\", \"",
               directory.path("ours"), "\", \"", crun, "\"]\nrunc = []\nkata = [\"", kata, "\"]\n");
    BOOST_TEST(find("", "crun") == crun);
    BOOST_TEST(find("crun", "") == crun);
    BOOST_TEST(find("kata", "") == kata);
    const std::string first_crun = install("second/crun");
    BOOST_TEST(find("", "crun") == first_crun);
}

BOOST_AUTO_TEST_CASE(without_a_name_path_is_preferred_to_podmans_settings) {
    const std::string crun = install("crun");
    settings = concat("[engine.runtimes]\ncrun = [\"", crun, "\"]\nrunc = []\n");
    BOOST_TEST(find("", "") == crun);
    BOOST_TEST(find("", "runc") == crun);
    const std::string runc = install("second/runc");
    BOOST_TEST(find("", "") == runc);
}

BOOST_AUTO_TEST_CASE(podmans_settings_are_not_read_if_path_has_the_runtime) {
    const std::string real = install("second/crun");
    const std::string found = runtime().find("", "crun", path, [](std::string_view name) {
        BOOST_ERROR(concat("the variable ", name, " was read"));
        return std::string();
    });
    BOOST_TEST(found == real);
}

BOOST_AUTO_TEST_CASE(a_runtime_that_is_named_by_its_path_is_used) {
    install("first/crun");
    const std::string other = install("youki");
    BOOST_TEST(find(other, "") == other);
}

BOOST_AUTO_TEST_CASE(the_name_of_a_runtime_is_searched_in_path) {
    install("first/crun");
    const std::string other = install("second/youki");
    BOOST_TEST(find("youki", "") == other);
    BOOST_TEST(says(refusal("kata"), "the OCI runtime \"kata\" is not in PATH"));
}

BOOST_AUTO_TEST_CASE(the_path_of_a_runtime_that_cannot_run_is_refused) {
    install("first/crun");
    const std::string other = install("youki", 0644);
    BOOST_TEST(says(refusal(other), "cannot be executed"));
    BOOST_TEST(says(refusal(directory.path("kata")), "cannot be executed"));
    BOOST_TEST(says(refusal(directory.path()), "cannot be executed"));
}

BOOST_AUTO_TEST_CASE(the_path_of_our_own_executable_is_refused) {
    link("first/crun");
    BOOST_TEST(says(refusal(directory.path("first/crun")), "is notifybridge itself"));
}

BOOST_AUTO_TEST_CASE(a_runtime_that_calls_us_again_is_refused) {
    const std::string through = runtime().through();
    try {
        runtime(through);
        BOOST_TEST(false, "the cycle was not detected");
    } catch (const Refusal& refusal) {
        BOOST_TEST(says(refusal.what(), "would call itself as the OCI runtime"));
        BOOST_TEST(says(refusal.what(), "--runtime=PATH"));
    }
}

BOOST_AUTO_TEST_CASE(another_notifybridge_is_skipped_but_is_not_a_cycle) {
    const std::string other = install("first/crun");
    const std::string real = install("second/crun");
    const RealRuntime outer(identity_of("first/crun"), "");
    const RealRuntime inner = runtime(outer.through());
    BOOST_TEST(find(inner, "", "crun") == real);
    BOOST_TEST(inner.through().starts_with(outer.through()));
    BOOST_CHECK_THROW(RealRuntime(identity_of("first/crun"), inner.through()), Refusal);
}

BOOST_AUTO_TEST_CASE(a_forged_environment_of_a_runtime_is_harmless) {
    const std::string real = install("first/crun");
    for (const char* const through : {",", "::,,", "1:2", "nonsense"})
        BOOST_TEST(find(runtime(through), "", "crun") == real);
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::runtime::test_real_runtime

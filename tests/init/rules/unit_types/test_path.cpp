#include "init/rules/unit_types/path.hpp"

#include "scene.hpp"

namespace notifybridge::unit_types {
namespace {

using std::chrono::seconds;

/// A scene with a.path and its service.
struct PathScene : test::Scene {
    explicit PathScene(const std::string& lines, const std::string& service = "") {
        add("a.service", "[Service]\nExecStart=/main\n" + service);
        add("a.path", "[Path]\n" + lines);
        BOOST_TEST_REQUIRE((path().loaded().state == unit::LoadState::loaded));
    }

    Path& path() { return get<Path>("a.path"); }
    Service& service() { return get<Service>("a.service"); }
    std::string state() { return state_of(path()); }
    void start() { do_job(manager::JobType::start, path()); }
    void stop() { do_job(manager::JobType::stop, path()); }
    void create(const std::string& file) {
        world.files.insert(file);
        look();
    }
    void remove_file(const std::string& file) {
        world.files.erase(file);
        look();
    }
    void look() {
        path().look_again();
        engine.run_due();
    }
    void change(std::size_t rule) {
        path().rule_changed(rule);
        engine.run_due();
    }
    bool is_watched() const { return world.watched_paths.contains("a.path"); }
    bool runs() const { return world.find("/main") != 0; }
    /// Ends the service, and waits until the path unit has checked its rules.
    void end_service() {
        exit("/main");
        pass(seconds(1));
    }
    std::string trigger() {
        const auto variables = path().trigger_environment();
        return variables.size() == 2 ? variables[1] : "";
    }
    bool has_said(std::string_view text) const {
        return std::ranges::any_of(
            world.said, [&](const std::string& line) { return line.find(text) != line.npos; });
    }
};

}  // namespace

BOOST_AUTO_TEST_SUITE(path)

BOOST_AUTO_TEST_CASE(the_start_job_of_a_path_unit_that_fails_at_once_ends) {
    PathScene scene("PathExists=/file\n", "[Unit]\nRequires=missing.service\n");
    scene.world.files.insert("/file");
    for (int start = 0; start < 3; ++start) {
        scene.start();
        BOOST_TEST(scene.state() == "failed/failed");
        BOOST_TEST(!scene.path().job);
    }
}

BOOST_AUTO_TEST_CASE(a_path_unit_waits_again_when_its_triggered_unit_ends) {
    PathScene scene("PathExists=/file\n");
    scene.start();
    BOOST_TEST(scene.state() == "active/waiting");
    BOOST_TEST(scene.is_watched());
    scene.create("/other");
    BOOST_TEST(scene.state() == "active/waiting");
    scene.create("/file");
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(!scene.is_watched());
    BOOST_TEST(scene.runs());
    scene.world.files.clear();
    scene.end_service();
    BOOST_TEST(scene.state() == "active/waiting");
    BOOST_TEST(scene.is_watched());
    BOOST_TEST(!scene.runs());
}

BOOST_AUTO_TEST_CASE(a_path_that_exists_at_the_start_triggers_the_unit) {
    PathScene scene("PathExists=/file\n");
    scene.world.files.insert("/file");
    scene.start();
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(a_path_that_still_exists_triggers_the_unit_again) {
    PathScene scene("PathExists=/file\n");
    scene.start();
    scene.create("/file");
    scene.end_service();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.runs());
    BOOST_TEST(scene.world.runs.size() == 2u);
}

BOOST_AUTO_TEST_CASE(a_matching_pattern_or_filled_directory_triggers_the_unit) {
    PathScene scene("PathExistsGlob=/glob/a*\nDirectoryNotEmpty=/filled\n");
    scene.start();
    scene.create("/glob/b");
    BOOST_TEST(scene.state() == "active/waiting");
    scene.create("/glob/ab");
    BOOST_TEST(scene.trigger() == "TRIGGER_PATH=/glob/ab");
    scene.world.files.clear();
    scene.end_service();
    scene.create("/filled/file");
    BOOST_TEST(scene.trigger() == "TRIGGER_PATH=/filled");
}

BOOST_AUTO_TEST_CASE(a_change_counts_only_while_the_path_unit_waits) {
    for (const char* const kind : {"PathChanged", "PathModified"}) {
        PathScene scene(util::concat("PathExists=/other\n", kind, "=/file\n"));
        scene.world.files.insert("/file");
        scene.start();
        BOOST_TEST(scene.state() == "active/waiting");
        scene.change(1);
        BOOST_TEST(scene.state() == "active/running");
        BOOST_TEST(scene.trigger() == "TRIGGER_PATH=/file");
        // Changes do not count while the unit runs.
        scene.change(1);
        scene.world.files.clear();
        scene.end_service();
        BOOST_TEST(scene.state() == "active/waiting");
        BOOST_TEST(scene.world.runs.size() == 1u);
    }
}

BOOST_AUTO_TEST_CASE(a_created_or_removed_file_counts_as_changed) {
    PathScene scene("PathChanged=/file\n");
    scene.start();
    scene.create("/file");
    BOOST_TEST(scene.runs());
    scene.end_service();
    scene.look();
    BOOST_TEST(!scene.runs());
    scene.remove_file("/file");
    BOOST_TEST(scene.runs());
}

BOOST_AUTO_TEST_CASE(a_file_created_before_the_watch_triggers_the_unit) {
    PathScene scene("PathExists=/file\nPathChanged=/changed\n");
    scene.world.appears = "/file";
    scene.start();
    BOOST_TEST(scene.trigger() == "TRIGGER_PATH=/file");
    scene.stop();
    scene.exit("/main");
    scene.world.files.clear();
    scene.world.appears = "/changed";
    scene.start();
    BOOST_TEST(scene.trigger() == "TRIGGER_PATH=/changed");
}

BOOST_AUTO_TEST_CASE(a_triggered_unit_gets_the_path_that_has_triggered_it) {
    PathScene scene("PathExists=/file\n");
    scene.start();
    BOOST_TEST(scene.path().trigger_environment().empty());
    scene.create("/file");
    const auto& environment = scene.world.started.at("/main").environment;
    BOOST_TEST(std::ranges::count(environment, "TRIGGER_UNIT=a.path") == 1);
    BOOST_TEST(std::ranges::count(environment, "TRIGGER_PATH=/file") == 1);
}

BOOST_AUTO_TEST_CASE(a_path_unit_runs_as_long_as_its_triggered_unit) {
    PathScene scene("PathExists=/file\n");
    scene.start();
    scene.do_job(manager::JobType::start, scene.service());
    scene.pass(seconds(1));
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.path().trigger_environment().empty());
    scene.stop();
    BOOST_TEST(scene.runs());
    scene.start();
    BOOST_TEST(scene.state() == "active/running");
    scene.end_service();
    BOOST_TEST(scene.state() == "active/waiting");
}

BOOST_AUTO_TEST_CASE(a_stopped_path_unit_triggers_no_unit) {
    PathScene scene("PathExists=/file\nPathChanged=/changed\n");
    scene.start();
    scene.stop();
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(!scene.is_watched());
    scene.create("/file");
    scene.change(1);
    BOOST_TEST(!scene.runs());
    // The triggered unit may end after the path unit has stopped.
    scene.world.files.clear();
    scene.start();
    scene.create("/file");
    scene.stop();
    scene.end_service();
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(!scene.runs());
}

BOOST_AUTO_TEST_CASE(a_path_unit_that_is_about_to_stop_triggers_no_unit) {
    PathScene scene("PathExists=/file\n");
    scene.start();
    scene.engine.enqueue(manager::JobType::stop, scene.path(), unit::JobMode::replace);
    scene.create("/file");
    BOOST_TEST(!scene.runs());
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_CASE(a_directory_that_stays_filled_reaches_the_trigger_limit) {
    PathScene scene("DirectoryNotEmpty=/full\nTriggerLimitBurst=3\nTriggerLimitIntervalSec=1h\n");
    scene.world.files.insert("/full/file");
    scene.start();
    for (int times = 0; times < 3; ++times) {
        BOOST_TEST(scene.runs());
        scene.end_service();
    }
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.path().result() == "trigger-limit-hit");
    BOOST_TEST(scene.has_said(
        "not starting a.service for /full: it was started too often (TriggerLimitBurst=)."));
    BOOST_TEST(scene.world.runs.size() == 3u);
    scene.path().reset_failed();
    BOOST_TEST(scene.state() == "inactive/dead");
    BOOST_TEST(scene.path().result() == "success");
}

BOOST_AUTO_TEST_CASE(the_trigger_limit_of_a_path_unit_ends_with_its_interval) {
    PathScene scene("PathExists=/file\nTriggerLimitBurst=2\nTriggerLimitIntervalSec=10\n");
    scene.world.files.insert("/file");
    scene.start();
    for (int times = 0; times < 5; ++times) {
        scene.pass(seconds(6));
        BOOST_TEST(scene.runs());
        scene.end_service();
    }
    BOOST_TEST(scene.state() == "active/running");
}

BOOST_AUTO_TEST_CASE(a_triggered_unit_that_starts_too_often_fails_its_path_unit) {
    PathScene scene("PathExists=/file\n");
    scene.add("a.service", "[Service]\nExecStart=/main\n",
              "StartLimitIntervalSec=1h\nStartLimitBurst=2\n");
    scene.engine.reload_files();
    scene.world.files.insert("/file");
    scene.start();
    scene.end_service();
    scene.end_service();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.path().result() == "unit-start-limit-hit");
}

BOOST_AUTO_TEST_CASE(a_path_unit_that_is_started_too_often_fails) {
    PathScene scene("PathExists=/file\n");
    scene.add("a.path", "[Path]\nPathExists=/file\n",
              "StartLimitIntervalSec=1h\nStartLimitBurst=1\n");
    scene.engine.reload_files();
    scene.start();
    scene.do_job(manager::JobType::restart, scene.path());
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.path().result() == "start-limit-hit");
}

BOOST_AUTO_TEST_CASE(a_path_unit_whose_path_cannot_be_watched_fails) {
    PathScene scene("PathExists=/file\n");
    scene.world.watch_error = std::make_error_code(std::errc::not_a_directory);
    scene.start();
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.path().result() == "resources");
    BOOST_TEST(scene.has_said("cannot watch its paths: Not a directory."));
}

BOOST_AUTO_TEST_CASE(a_path_unit_without_its_triggered_unit_does_not_start) {
    test::Scene scene;
    scene.add("a.path", "[Path]\nPathExists=/file\n");
    auto& path = scene.get<Path>("a.path");
    scene.do_job(manager::JobType::start, path);
    BOOST_TEST(scene.state_of(path) == "inactive/dead");
    BOOST_TEST((scene.jobs == std::vector<std::string>{"a.path start failed"}));
}

BOOST_AUTO_TEST_CASE(a_triggered_unit_that_disappears_fails_its_path_unit) {
    PathScene scene("PathExists=/file\n");
    scene.start();
    scene.remove("a.service");
    scene.engine.reload_files();
    scene.create("/file");
    BOOST_TEST(scene.state() == "failed/failed");
    BOOST_TEST(scene.path().result() == "resources");
    BOOST_TEST(scene.has_said("cannot start a.service"));
}

BOOST_AUTO_TEST_CASE(the_setting_make_directory_creates_watched_directories) {
    PathScene scene(
        "PathExists=/a\nPathExistsGlob=/b*\nPathChanged=/c\nPathModified=/d\nDirectoryNotEmpty=/e\n"
        "MakeDirectory=yes\nDirectoryMode=0700\n");
    scene.start();
    BOOST_TEST((scene.world.directories == std::vector<std::string>{"/c 448", "/d 448", "/e 448"}));
    scene.stop();
    scene.world.is_read_only = true;
    scene.start();
    BOOST_TEST(scene.state() == "active/waiting");
    BOOST_TEST(scene.has_said("cannot create the directory /c: Read-only file system."));
}

BOOST_AUTO_TEST_CASE(a_reload_replaces_the_rules_of_a_path_unit) {
    PathScene scene("PathChanged=/kept\nPathExists=/old\n");
    scene.world.files = {"/kept", "/new"};
    scene.start();
    scene.add("a.path", "[Path]\nPathExists=/other\nPathChanged=/kept\n");
    scene.engine.reload_files();
    BOOST_TEST(scene.state() == "active/waiting");
    // /kept has not changed since the start, so its rule does not apply.
    scene.look();
    BOOST_TEST(scene.state() == "active/waiting");
    scene.create("/old");
    BOOST_TEST(scene.state() == "active/waiting");
    scene.add("a.path", "[Path]\nPathExists=/new\n");
    scene.engine.reload_files();
    scene.engine.run_due();
    BOOST_TEST(scene.trigger() == "TRIGGER_PATH=/new");
    scene.engine.reload_files();
    BOOST_TEST(scene.state() == "active/running");
    BOOST_TEST(scene.trigger() == "TRIGGER_PATH=/new");
}

BOOST_AUTO_TEST_CASE(a_path_unit_whose_file_is_gone_ignores_events) {
    PathScene scene("PathExists=/file\n");
    scene.start();
    scene.remove("a.path");
    scene.engine.reload_files();
    BOOST_TEST(scene.state() == "active/waiting");
    scene.create("/file");
    scene.change(0);
    BOOST_TEST(scene.state() == "active/waiting");
    scene.stop();
    BOOST_TEST(scene.state() == "inactive/dead");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::unit_types

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <random>

#include "dice.hpp"
#include "world.hpp"

/// Runs random requests on random units, and checks rules that always hold. If a check fails, the
/// test prints the seed. The same seed repeats the same requests.
namespace notifybridge::manager {

using namespace test;
using unit::JobMode;

namespace {

constexpr int steps = 30;

class History {
public:
    explicit History(std::uint64_t seed) : random_(seed) {}

    void run() {
        if ((forgets_ = chance(50)))
            world_.hear_forgotten();
        make_units();
        world_.engine.hooks.on_change = [this](Unit& unit, ActiveState) { check_order(unit); };
        for (int i = 0; i < steps; ++i) {
            step();
            settle();
            check();
        }
        end_all();
    }

    const std::string& fault() const { return fault_; }
    const std::string& story() const { return story_; }

private:
    unsigned pick(unsigned count) {
        return std::uniform_int_distribution<unsigned>(0, count - 1)(random_);
    }
    template <typename Value>
    const Value& pick_of(const std::vector<Value>& values) {
        return values[pick(static_cast<unsigned>(values.size()))];
    }
    bool chance(unsigned percent) { return pick(100) < percent; }

    void make_units() {
        const unsigned count = 2 + pick(7);
        for (unsigned i = 0; i < count; ++i)
            names_.push_back(std::string(1, static_cast<char>('a' + i)) + ".service");
        for (unsigned i = 0; i < pick(3); ++i)
            names_.push_back(std::string(1, static_cast<char>('x' + i)) + ".target");
        for (const std::string& name : names_)
            write(name);
    }

    void write(const std::string& name) {
        static const std::vector<std::string> relations = {"Requires",
                                                           "Requisite",
                                                           "Wants",
                                                           "BindsTo",
                                                           "PartOf",
                                                           "Upholds",
                                                           "Conflicts",
                                                           "Before",
                                                           "After",
                                                           "After",
                                                           "PropagatesStopTo",
                                                           "OnFailure",
                                                           "OnSuccess",
                                                           "Requires",
                                                           "Wants",
                                                           "After",
                                                           "PropagatesReloadTo"};
        static const std::vector<std::string> options = {"StopWhenUnneeded=yes", "AllowIsolate=yes",
                                                         "IgnoreOnIsolate=yes", "JobTimeoutSec=5",
                                                         "JobRunningTimeoutSec=3"};
        std::string text = chance(50) ? "AllowIsolate=yes\n" : "";
        for (unsigned i = 0; i < pick(5); ++i)
            text += pick_of(relations) + '=' + pick_of(names_) + '\n';
        if (chance(30))
            text += pick_of(options) + '\n';
        story_ += "-- " + name + '\n' + text;
        world_.add(name, text);
    }

    Actor* actor(const std::string& name) { return dynamic_cast<Actor*>(&world_.unit(name)); }

    void step() {
        const std::string& name = pick_of(names_);
        switch (pick(10)) {
            case 0:
                return plan(name);
            case 1:
            case 2:
            case 3:
                return move(name);
            case 4:
                tell("time passes");
                world_.surroundings.clock += pick(4'000'000);
                return;
            case 5:
                return chance(50) ? cancel() : reload();
            default:
                return request(name);
        }
    }

    void tell(const std::string& text) { story_ += text + '\n'; }

    void plan(const std::string& name) {
        Actor* const unit = actor(name);
        if (!unit)
            return;
        static const std::vector<Plan> starts = {Plan::at_once, Plan::later,   Plan::later,
                                                 Plan::fails,   Plan::is_over, Plan::refused};
        unit->on_start = pick_of(starts);
        unit->on_stop = pick_of(std::vector<Plan>{Plan::at_once, Plan::later, Plan::fails});
        unit->on_reload = pick_of(std::vector<Plan>{Plan::at_once, Plan::later, Plan::fails});
        unit->reloads = chance(50);
        tell("plan of " + name + ": " + std::to_string(static_cast<int>(unit->on_start)) + ' '
             + std::to_string(static_cast<int>(unit->on_stop)));
    }

    /// Completes a change that has begun. Lets an active unit fail or end.
    void move(const std::string& name) {
        using enum ActiveState;
        Actor* const unit = actor(name);
        if (!unit)
            return;
        static const std::map<ActiveState, std::vector<ActiveState>> ways = {
            {inactive, {inactive}},
            {failed, {failed}},
            {activating, {active, active, inactive, failed, deactivating}},
            {active, {failed, inactive, deactivating}},
            {reloading, {active, failed, deactivating}},
            {deactivating, {inactive, failed}}};
        const ActiveState state = pick_of(ways.at(unit->active_state()));
        tell(name + " becomes " + std::string(to_string(state)));
        unit->become(state);
    }

    void cancel() {
        const auto jobs = world_.engine.jobs();
        if (jobs.empty())
            return;
        const Job& job = *pick_of(jobs);
        tell("cancel the job of " + job.unit.id());
        world_.engine.cancel(job.id);
    }

    void reload() {
        if (!world_.engine.jobs().empty() && chance(70))
            return;
        const std::string& name = pick_of(names_);
        const std::string& other = pick_of(names_);
        if (chance(30) && name != other && name.ends_with(".service") && other.ends_with(".service")
            && !world_.files.files["/units/" + other].starts_with("->")) {
            world_.files.files["/units/" + name] = "-> " + other;
            tell(name + " -> " + other);
        } else {
            write(name);
        }
        world_.files.files["/other/" + std::to_string(world_.files.files.size())] = "";
        tell("daemon-reload");
        world_.engine.reload_files();
    }

    void request(const std::string& name) {
        static const std::vector<JobType> types = {
            JobType::start,      JobType::start,        JobType::start,
            JobType::stop,       JobType::stop,         JobType::restart,
            JobType::reload,     JobType::try_restart,  JobType::reload_or_start,
            JobType::try_reload, JobType::verify_active};
        static const std::vector<JobMode> modes = {JobMode::fail,
                                                   JobMode::replace,
                                                   JobMode::replace,
                                                   JobMode::replace,
                                                   JobMode::isolate,
                                                   JobMode::flush,
                                                   JobMode::triggering,
                                                   JobMode::restart_dependencies,
                                                   JobMode::ignore_requirements};
        const JobType type = pick_of(types);
        const JobMode mode = pick_of(modes);
        tell(std::string(to_string(type)) + ' ' + name + " mode "
             + std::to_string(static_cast<int>(mode)));
        world_.engine.enqueue(type, world_.unit(name), mode);
    }

    /// Checks that the units come to rest if there are no further requests.
    void settle() {
        for (int i = 0; i < 1000; ++i) {
            world_.engine.run_due();
            const std::uint64_t next = world_.engine.next_deadline();
            if (next == 0 || next > world_.surroundings.clock)
                return;
        }
        fail("it does not come to rest");
    }

    void fail(const std::string& text) {
        if (fault_.empty())
            fault_ =
                text + "\n" + story_
                + (std::getenv("NOTIFYBRIDGE_SEED") ? world_.said() + join(world_.results) : "");
    }

    void check() {
        for (const Job* const job : world_.engine.jobs()) {
            if (job->unit.job != job)
                fail("a job is not that of its unit: " + job->unit.id());
            else if (job->state == Job::State::waiting && !has_reason_to_wait(*job))
                fail("a job waits for nothing: " + job->unit.id());
            else if (job->state == Job::State::running && !is_on_its_way(*job))
                fail("a job runs, and its unit does not: " + job->unit.id());
        }
    }

    static bool has_reason_to_wait(const Job& job) {
        if (job.unit.active_state() == ActiveState::activating
            || job.unit.active_state() == ActiveState::reloading
            || job.unit.active_state() == ActiveState::deactivating)
            return true;
        for (const Dependencies::Edge& edge : job.unit.dependencies.edges())
            if (edge.unit->job && (edge.effects & (Effect::before | Effect::after)) != 0)
                return true;
        return false;
    }

    static bool is_on_its_way(const Job& job) {
        switch (job.type) {
            case JobType::start:
                return job.unit.active_state() == ActiveState::activating
                       || job.unit.active_state() == ActiveState::deactivating;
            case JobType::reload:
                return job.unit.active_state() == ActiveState::reloading
                       || job.unit.active_state() == ActiveState::activating
                       || job.unit.active_state() == ActiveState::deactivating;
            case JobType::stop:
            case JobType::restart:
                return job.unit.active_state() == ActiveState::deactivating;
            default:
                return false;
        }
    }

    /// Checks the order when `unit` begins to start. Units that `unit` is ordered after must not
    /// have a job. Units that `unit` is ordered before must not have a job that stops them.
    void check_order(Unit& unit) {
        const bool starts = unit.active_state() == ActiveState::activating && unit.job
                            && unit.job->type == JobType::start
                            && unit.job->state == Job::State::running;
        if (!starts || unit.job->ignores_order || started_.contains(unit.job->id))
            return;
        started_.insert(unit.job->id);
        for (const Dependencies::Edge& edge : unit.dependencies.edges()) {
            const Job* const job = edge.unit->job;
            if (!job || job->ignores_order)
                continue;
            const bool is_after = unit.dependencies.has(Effect::after, *edge.unit);
            const bool is_before = unit.dependencies.has(Effect::before, *edge.unit);
            const bool stops = job->type == JobType::stop || job->type == JobType::restart;
            if (is_after || (is_before && stops))
                fail(unit.id() + " starts before the job of " + edge.unit->id() + " is done");
        }
    }

    /// Completes all changes. Checks that no job is left, and that all units can be stopped.
    void end_all() {
        tell("the end");
        for (const std::string& name : names_)
            if (Actor* const unit = actor(name))
                unit->on_start = unit->on_stop = unit->on_reload = Plan::at_once;
        arrive();
        if (!world_.engine.jobs().empty())
            return fail("jobs wait for ever:" + remaining_jobs());
        for (const std::string& name : names_) {
            world_.engine.enqueue(JobType::stop, world_.unit(name), JobMode::ignore_dependencies);
            settle();
            if (!world_.engine.jobs().empty())
                fail("a stop does not end: " + name);
        }
        const auto left = world_.engine.units();
        const auto is_inactive = [](const Unit* unit) {
            return unit->active_state() == ActiveState::inactive;
        };
        if (forgets_ && !left.empty() && std::ranges::all_of(left, is_inactive))
            fail("nothing keeps it, but it is not forgotten: " + left.front()->id());
    }

    std::string remaining_jobs() {
        std::string all;
        for (const Job* const job : world_.engine.jobs())
            all += ' ' + job->unit.id() + '/' + std::string(to_string(job->type)) + ' '
                   + std::string(to_string(job->state)) + " (" + std::string(job->unit.sub_state())
                   + ')';
        return all;
    }

    void arrive() {
        for (int round = 0; round < 20; ++round) {
            settle();
            for (const std::string& name : names_)
                if (Actor* const unit = actor(name)) {
                    if (unit->active_state() == ActiveState::deactivating)
                        unit->become(ActiveState::inactive);
                    else if (!is_down(unit->active_state()))
                        unit->become(ActiveState::active);
                }
        }
        settle();
    }

    std::mt19937_64 random_;
    World world_;
    std::vector<std::string> names_;
    bool forgets_ = false;  ///< Whether ended units without references are forgotten.
    std::set<std::uint64_t> started_;
    std::string story_;
    std::string fault_;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(histories_of_units)

BOOST_AUTO_TEST_CASE(jobs_of_random_histories_keep_their_order_and_end) {
    const Numbers numbers = numbers_of_histories(2000);
    for (std::uint64_t seed = numbers.first; seed < numbers.end(); ++seed) {
        History history(seed);
        history.run();
        BOOST_REQUIRE_MESSAGE(history.fault().empty(),
                              "NOTIFYBRIDGE_SEED=" << seed << ": " << history.fault());
    }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace notifybridge::manager

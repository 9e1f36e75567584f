#include "bridge/diagnosis/cause.hpp"

#include <array>
#include <boost/test/unit_test.hpp>
#include <set>

#include "diagnosis_sample.hpp"

namespace notifybridge::diagnosis {
namespace {

/// The symptoms of a unit that has a value for each slot.
Symptoms full_symptoms() {
    Symptoms symptoms = symptoms_by(
        {.properties = util::concat(timed_out("loading"), "ExecMainStatus=3\nRuntimeMaxUSec=9s\n"),
         .exec_start = run_with("--alive-when=tcp:127.0.0.1:80 --stop-timeout=1s"),
         .log = ignored_log});
    symptoms.machine = Machine{.address = "vsock:9999", .ready_on = "x.target"};
    return symptoms;
}

Facts full_facts(const Symptoms& symptoms) {
    Facts facts(symptoms);
    facts.keep(&symptoms.log.front());
    facts.keep(std::string("found"));
    facts.keep(Diagnosis{.cause = "cause", .remedy = "remedy"});
    facts.units = {"db.service"};
    facts.probe = "tcp:127.0.0.1:80: connection refused (1 s)";
    return facts;
}

constexpr std::array all_tables = {
    tables::failed,         tables::failures, tables::ends,    tables::machine_failures,
    tables::machine_starts, tables::inactive, tables::running, tables::starts,
    tables::reloads,        tables::limits,   tables::probes,  tables::missing_probes,
};

std::set<const Cause*> decisive_rows;

struct DecisionRecorder {
    DecisionRecorder() {
        on_decision = [](const Cause& row) { decisive_rows.insert(&row); };
    }
};

BOOST_TEST_GLOBAL_FIXTURE(DecisionRecorder);

BOOST_AUTO_TEST_SUITE(causes)

// These suites have the samples, and run before this test.
BOOST_AUTO_TEST_CASE(each_row_decides_about_a_sample,
                     *boost::unit_test::depends_on("diagnosis")
                         * boost::unit_test::depends_on("failure_causes")
                         * boost::unit_test::depends_on("machine")
                         * boost::unit_test::depends_on("manager_faults")
                         * boost::unit_test::depends_on("probe_faults")
                         * boost::unit_test::depends_on("reload_causes")
                         * boost::unit_test::depends_on("sandbox_causes")
                         * boost::unit_test::depends_on("setting_causes")
                         * boost::unit_test::depends_on("timeout_causes")) {
    for (const auto& table : all_tables)
        for (const Cause& row : table())
            BOOST_TEST(decisive_rows.contains(&row), row.cause << " | " << row.remedy);
}

BOOST_AUTO_TEST_CASE(each_row_has_texts_whose_slots_are_known) {
    const Symptoms symptoms = full_symptoms();
    const Facts facts = full_facts(symptoms);
    for (const auto& table : all_tables)
        for (const Cause& row : table())
            for (const std::string_view text : {row.cause, row.remedy})
                BOOST_TEST(fill_in(text, facts).find_first_of("{}") == std::string::npos, text);
}

BOOST_AUTO_TEST_CASE(a_slot_may_have_an_argument_with_slots) {
    const Symptoms symptoms = full_symptoms();
    const Facts facts = full_facts(symptoms);
    BOOST_TEST(fill_in("x {set A={exit_status}}; {found}", facts)
               == "x set A=3 (`systemctl edit app.service`); found");
    BOOST_TEST(fill_in("{unknown slot}", facts) == "{unknown slot}");
    BOOST_TEST(fill_in("{set A={unknown}}", facts)
               == "set A={unknown} (`systemctl edit app.service`)");
    BOOST_TEST(fill_in("", facts) == "");
}

BOOST_AUTO_TEST_CASE(values_are_not_read_as_slots) {
    const Symptoms symptoms = full_symptoms();
    Facts facts = full_facts(symptoms);
    facts.keep(std::string("{edit}"));
    BOOST_TEST(fill_in("{found}", facts) == "{edit}");
}

BOOST_AUTO_TEST_CASE(the_first_row_that_holds_decides) {
    const Cause rows[] = {
        {[](Facts&) { return false; }, "a", "b"},
        {.holds = always, .find = [](const Symptoms&) { return std::optional<Diagnosis>(); }},
        {[](Facts& f) { return f.keep(std::string("c")); }, "{found}", "d"},
        {always, "e", "f"},
    };
    const Symptoms symptoms = full_symptoms();
    BOOST_TEST((first_of(rows, symptoms) == Diagnosis{.cause = "c", .remedy = "d"}));
    BOOST_TEST(!first_of(std::span(rows).first(2), symptoms).has_value());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace notifybridge::diagnosis

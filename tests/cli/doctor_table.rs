//! Every check that the guide names has a test that makes it warn or fail.

use std::collections::BTreeSet;
use std::fs;

/// Each verdict of each check, and where it is provoked: a file and a test in it.
const PROVOKED: &[(&str, &str, &str, &str)] = &[
    ("config", "fail", SETUP, NAMES_WHAT_IS_WRONG),
    ("files", "fail", SETUP, NAMES_WHAT_IS_WRONG),
    ("files", "warn", DOCTOR, "what_cannot_be_looked_at_is_told"),
    ("sealing-key", "fail", DOCTOR, "a_damaged_sealing_key_is_named"),
    ("hardening", "warn", SETUP, NAMES_WHAT_IS_WRONG),
    ("units", "fail", DOCTOR, "a_unit_that_does_not_run_is_named"),
    ("dns", "fail", DOCTOR, "a_name_and_ports_that_nobody_reaches_are_named"),
    ("dns", "warn", NETWORK, "a_name_is_looked_up_and_compared_with_this_host"),
    ("ports", "fail", DOCTOR, "a_name_and_ports_that_nobody_reaches_are_named"),
    ("ports", "warn", DOCTOR, "a_name_and_ports_that_nobody_reaches_are_named"),
    ("telegram", "fail", DOCTOR, "a_proxy_that_does_not_work_is_named_and_whether_it_is_needed"),
    ("clock", "fail", NETWORK, "a_clock_that_is_off_is_told"),
    ("clock", "warn", NETWORK, "a_clock_that_is_off_is_told"),
    ("proxy", "fail", DOCTOR, "a_proxy_that_does_not_work_is_named_and_whether_it_is_needed"),
    ("master-bot", "fail", SETUP, NAMES_WHAT_IS_WRONG),
    ("sales-bot", "fail", DOCTOR, "a_token_that_telegram_does_not_know_is_named"),
    ("yookassa", "fail", DOCTOR, "each_trouble_with_the_shop_is_named"),
    ("yookassa", "warn", DOCTOR, "each_trouble_with_the_shop_is_named"),
    ("engine", "fail", TOLD, "an_engine_is_looked_for_and_looked_into"),
    ("deployer", "fail", TOLD, "an_engine_is_looked_for_and_looked_into"),
    ("image", "warn", TOLD, "an_engine_is_looked_for_and_looked_into"),
    ("ceiling", "warn", TOLD, "an_engine_is_looked_for_and_looked_into"),
    ("disk", "fail", MACHINE, "a_full_disk_is_told_before_it_is_full"),
    ("disk", "warn", MACHINE, "a_full_disk_is_told_before_it_is_full"),
    ("serve", "fail", SETUP, NAMES_WHAT_IS_WRONG),
    ("serve", "warn", TOLD, "what_serve_says_of_itself_is_judged"),
    ("database", "fail", TOLD, "what_serve_says_of_itself_is_judged"),
    ("jobs", "fail", TOLD, "what_serve_says_of_itself_is_judged"),
    ("bots", "fail", TOLD, "what_serve_says_of_itself_is_judged"),
    ("clients", "fail", TOLD, "what_waits_for_a_person_is_named"),
    ("moves", "warn", TOLD, "what_waits_for_a_person_is_named"),
    ("payments", "warn", TOLD, "what_waits_for_a_person_is_named"),
    ("backup", "fail", TOLD, "what_serve_says_of_itself_is_judged"),
    ("backup", "warn", TOLD, "what_serve_says_of_itself_is_judged"),
    ("certificate", "fail", TOLD, "a_certificate_that_ends_is_named"),
    ("certificate", "warn", TOLD, "a_certificate_that_ends_is_named"),
    ("operators", "fail", TOLD, "what_waits_for_a_person_is_named"),
];

const SETUP: &str = "tests/cli/setup.rs";
const DOCTOR: &str = "tests/cli/doctor.rs";
const TOLD: &str = "tests/cli/doctor_told.rs";
const NETWORK: &str = "src/cli/doctor/network.rs";
const MACHINE: &str = "src/cli/doctor/machine.rs";
const NAMES_WHAT_IS_WRONG: &str = "the_doctor_names_what_is_wrong_and_looks_while_serve_is_down";

fn read(file: &str) -> String {
    fs::read_to_string(format!("{}/{file}", env!("CARGO_MANIFEST_DIR"))).unwrap()
}

/// The guide, the code and the tests name the same checks.
#[test]
fn every_check_of_the_guide_is_provoked() {
    let guide = read("docs/operations.md");
    let (_, table) = guide.split_once("| check | warns or fails when |").unwrap();
    let rows = table.lines().skip(2).take_while(|line| line.starts_with('|'));
    let named: BTreeSet<_> = rows
        .flat_map(|row| row.split('|').nth(1).unwrap().split(','))
        .map(|name| name.trim().trim_matches('`').to_owned())
        .collect();
    assert!(named.len() > 20, "{named:?}");
    let provoked: BTreeSet<_> = PROVOKED.iter().map(|row| row.0.to_owned()).collect();
    assert_eq!(named, provoked);

    let dir = format!("{}/src/cli/doctor", env!("CARGO_MANIFEST_DIR"));
    let files = fs::read_dir(dir).unwrap().map(|file| file.unwrap().path());
    let code: String = files.map(|file| fs::read_to_string(file).unwrap()).collect();
    for name in &named {
        assert!(code.contains(&format!("\"{name}\"")) || name == "config", "{name}");
    }
    for (check, verdict, file, test) in PROVOKED {
        assert!(read(file).contains(&format!("fn {test}()")), "{check} {verdict}: {file}: {test}");
    }
}

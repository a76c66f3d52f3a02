//! `init --stage` writes a crate that compiles and passes the first suites of its role.

use std::process::Command;

use crate::lab::Lab;
use crate::stack::root;

#[test]
fn a_crate_of_each_role_passes_its_suites_outside_of_the_workspace() {
    let (lab, root) = (Lab::new(), root().canonicalize().unwrap());
    let checkout = root.to_str().unwrap();
    for role in ["sink", "source", "validator"] {
        lab.done(&["init", "--stage", role, "own_one", "--checkout", checkout]);
        let readme = lab.read(&format!("{role}-own-one/README.md"));
        assert!(readme.contains(".own_one]`"), "{readme}");
    }
    // One target folder for three crates, with the versions that this workspace locks.
    lab.sample("Cargo.toml", "[workspace]\nresolver = \"3\"\nmembers = [\"*-own-one\"]\n");
    std::fs::copy(root.join("Cargo.lock"), lab.folder().join("Cargo.lock")).unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    let cargo = cargo.args(["test", "--offline", "--workspace", "--test", "conformance"]);
    let cargo = cargo.env("CARGO_TARGET_DIR", concat!(env!("CARGO_TARGET_TMPDIR"), "/own-stages"));
    let output = cargo.current_dir(lab.folder()).output().unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}{}", String::from_utf8_lossy(&output.stderr));
    assert_eq!(told.matches("test result: ok").count(), 3, "{told}");
    assert!(told.contains("two_writers_at_once_on_the_same_keys_agree ... ok"), "{told}");
    assert!(!String::from_utf8_lossy(&output.stderr).contains("warning"), "it warns");
}

#[test]
fn a_role_and_a_name_that_are_none_are_named() {
    let lab = Lab::new();
    for (arguments, told) in [
        (["cellar", "own"], "`cellar` is not a role"),
        (["sink", "My-Sink"], "`My-Sink` cannot be the name of a section"),
        (["sink", "1st"], "`1st` cannot be the name of a section"),
    ] {
        let ended = lab.end(&[&["init", "--stage"][..], &arguments].concat());
        assert_eq!(ended.code, Some(2), "{}", ended.stderr);
        assert!(ended.stderr.contains(told), "{}", ended.stderr);
    }
}

#[test]
fn a_crate_is_written_over_by_force_alone() {
    let lab = Lab::new();
    let arguments = ["init", "--stage", "validator", "own"];
    lab.done(&arguments);
    assert!(lab.end(&arguments).stderr.contains("already there"));
    lab.done(&[&arguments[..], &["--force"]].concat());
}

//! Named points at which a fault test kills the process, as `FAILPOINTS` says in the notation of the
//! crate `fail`: `after-pull=3*off->return` lets three pass and kills at the fourth. Without the
//! feature `failpoints`, which only tests switch on, a point is nothing.

/// Kills the process here if it is told to.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn failpoint(_name: &str) {}

/// Kills the process here if it is told to.
#[cfg(feature = "failpoints")]
pub(crate) fn failpoint(name: &str) {
    static FROM_ENVIRONMENT: std::sync::Once = std::sync::Once::new();
    // Forgotten, because dropping a scenario switches all points off.
    FROM_ENVIRONMENT.call_once(|| std::mem::forget(fail::FailScenario::setup()));
    fail::fail_point!(name, |_| kill());
}

/// SIGKILL, so that nothing of the process has a say: no destructor, no buffer, no handler.
#[cfg(feature = "failpoints")]
fn kill() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
}

//! Named points in the code at which a fault test can kill the process. The variable `FAILPOINTS`
//! switches them on, in the notation of the crate `fail`. For example, `after-pull=3*off->return`
//! lets three calls pass and kills at the fourth. Without the feature `failpoints`, which only
//! tests switch on, a point does nothing.

/// Does nothing, because the feature `failpoints` is off.
#[cfg(not(feature = "failpoints"))]
pub(crate) const fn failpoint(_name: &str) {}

/// Kills the process if `FAILPOINTS` names this point.
#[cfg(feature = "failpoints")]
pub(crate) fn failpoint(name: &str) {
    static FROM_ENVIRONMENT: std::sync::Once = std::sync::Once::new();
    // The scenario is leaked on purpose, because dropping it would switch all points off.
    FROM_ENVIRONMENT.call_once(|| std::mem::forget(fail::FailScenario::setup()));
    fail::fail_point!(name, |_| kill());
}

/// Sends SIGKILL, so that no destructor, buffer or handler of the process runs.
#[cfg(feature = "failpoints")]
fn kill() {
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::KILL);
}

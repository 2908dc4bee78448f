//! `cargo xtask test`: everything that is tested, in the order that fails soonest.

use std::path::{Path, PathBuf};

use crate::{command::Step, debian, emulator::Emulator, error::TaskError, node, python, server::Server};

pub(crate) fn run(root: &Path, install: bool) -> Result<(), TaskError> {
    let readers = python::environment(root, "tests", install)?;
    let linkers = python::environment(root, "tests/splink", install)?;
    let checkers = python::environment(root, "tests/infra", install)?;
    mariadb(root, install)?;
    if install {
        node::packages(root)?;
    }
    node::dashboard(root, install)?;
    python::tests(root, &checkers, "tests/infra").run()?;
    // One set of features throughout, so that nothing is built twice. The end-to-end tests start the binaries themselves.
    Step::cargo(root).args(["build", "--workspace", "--all-features", "--bins"]).run()?;
    let emulator = Emulator::start(root, &readers)?;
    let cargo_test = Step::cargo(root).args(["test", "--workspace", "--all-features"]);
    cargo_test.env("LOTLINE_TEST_AWS", &emulator.endpoint).run()?;
    drop(emulator);
    let binaries = target(root).join("debug");
    // The image has no libraries: the C library's parts that the client needs are linked into it.
    let client =
        ["rustc", "--package", "lotline-client", "--bin", "lotline-client", "--", "-C", "target-feature=+crt-static"];
    Step::cargo(root).args(client).run()?;
    let server = Server::start(root, &binaries.join("lotline"), &target(root).join("dashboard"))?;
    let image = python::tests(root, &readers, "tests/client").env("LOTLINE_CLIENT", binaries.join("lotline-client"));
    image.env("LOTLINE_SERVER", &server.address).run()?;
    python::tests(root, &readers, "tests/python").env("LOTLINE_BIN", binaries.join("lotline")).run()?;
    python::tests(root, &readers, "tests/users").env("LOTLINE_BIN", binaries.join("lotline")).run()?;
    let scorer = binaries.join("examples/splink_score");
    python::tests(root, &linkers, "tests/splink").env("LOTLINE_SPLINK_SCORE", scorer).run()?;
    python::tests(root, &readers, "tests/aws").env("LOTLINE_BINARIES", &binaries).run()?;
    python::tests(root, &readers, "tests/glue").env("LOTLINE_BINARIES", &binaries).run()?;
    python::tests(root, &readers, "tests/terraform").run()?;
    node::browser(root, &server.address, None, install)
}

/// The database server of `tests/users`: Debian's.
///
/// # Errors
/// It cannot be installed.
pub(crate) fn mariadb(root: &Path, install: bool) -> Result<(), TaskError> {
    debian::package(root, "/usr/sbin/mariadbd", "mariadb-server", install)
}

/// Cargo's target folder, which `CARGO_TARGET_DIR` may move.
pub(crate) fn target(root: &Path) -> PathBuf {
    let folder = std::env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
    root.join(folder)
}

//! The crates' arrows point one way, and the pure ones know no host: read off `cargo metadata`.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{collections::BTreeMap, process::Command};

use serde_json::Value;

/// The layers from the bottom up; a crate may use those of lower layers only.
const LAYERS: &[&[&str]] = &[
    &["lotline-schema", "lotline-linkage", "lotline-client", "xtask"],
    &["lotline-formats"],
    &["lotline-insights", "lotline-store"],
    &["lotline-sources", "lotline-testkit"],
    &["lotline-stages"],
    &["lotline-api", "lotline-lambda"],
    &[
        "lotline-cli",
        "lotline-ingest",
        "lotline-validate",
        "lotline-link",
        "lotline-summarize",
        "lotline-publish",
        "lotline-resolver",
    ],
];
const PURE: &[&str] = &["lotline-schema", "lotline-formats", "lotline-linkage", "lotline-insights"];

/// The dependencies of every package of the workspace, those of tests left out.
fn dependencies() -> BTreeMap<String, Vec<String>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--format-version", "1", "--offline"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo");
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let name = |value: &Value| value["name"].as_str().expect("a name").to_owned();
    let own = |package: &Value| {
        let all = package["dependencies"].as_array().expect("a list").iter();
        (name(package), all.filter(|dependency| dependency["kind"].is_null()).map(name).collect())
    };
    metadata["packages"].as_array().expect("a list").iter().map(own).collect()
}

#[test]
fn arrows_point_one_way() {
    let layer = |name: &str| LAYERS.iter().position(|layer| layer.contains(&name));
    for (package, dependencies) in dependencies() {
        let own = layer(&package);
        assert!(own.is_some(), "{package} is in no layer");
        for dependency in dependencies.iter().filter(|dependency| layer(dependency).is_some()) {
            assert!(layer(dependency) < own, "{package} uses {dependency}");
        }
    }
}

#[test]
fn pure_crates_know_no_host() {
    let dependencies = dependencies();
    for package in PURE {
        for dependency in &dependencies[*package] {
            let host = ["tokio", "lambda", "aws"].iter().find(|host| dependency.contains(*host));
            assert_eq!(host, None, "{package} uses {dependency}");
        }
    }
}

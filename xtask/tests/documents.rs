//! What the documents name is there: files that they link to, and tests that the requirements' trace counts on.
#![expect(clippy::expect_used, reason = "a test fails by panicking")]

use std::{
    fs,
    path::{Path, PathBuf},
};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the repository").to_owned()
}

/// The documents, with their folder for links.
fn documents() -> Vec<(PathBuf, String)> {
    let folders = [root(), root().join("docs")];
    let files = folders.iter().flat_map(|folder| fs::read_dir(folder).expect("a folder"));
    let paths = files.map(|file| file.expect("a file").path());
    let documents = paths.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    documents.map(|path| (path.clone(), fs::read_to_string(&path).expect("text"))).collect()
}

/// What stands between `open` and `close`, each time.
fn between<'a>(text: &'a str, open: &str, close: char) -> Vec<&'a str> {
    text.split(open).skip(1).filter_map(|rest| rest.split(close).next()).collect()
}

#[test]
fn links_lead_somewhere() {
    for (path, text) in documents() {
        for link in between(&text, "](", ')') {
            let file = link.split('#').next().unwrap_or_default();
            let is_local = !file.is_empty() && !file.contains("://");
            let target = path.parent().expect("a folder").join(file);
            assert!(!is_local || target.exists(), "{}: `{link}`", path.display());
        }
    }
}

#[test]
fn tests_that_requirements_count_on_are_there() {
    let trace = fs::read_to_string(root().join("docs/requirements.md")).expect("the trace");
    let mut named = 0;
    for test in between(&trace, "`", '`').into_iter().filter(|word| word.contains("::")) {
        let (file, name) = test.split_once("::").expect("a file and a test");
        let text = fs::read_to_string(root().join(file));
        let has = text
            .is_ok_and(|text| ["fn ", "def ", "test(\""].iter().any(|word| text.contains(&format!("{word}{name}"))));
        assert!(has, "`{test}` is no test");
        named += 1;
    }
    assert!(named > 0, "no test is named");
}

//! The generated users keep the promises that their truth rests on.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
};

use serde_json::Value;

use super::{UsersConfig, write_users};

struct Users {
    /// Rows of users.csv without its header; no cell has a comma.
    platform: Vec<Vec<String>>,
    pages: Vec<Value>,
    truth: BTreeMap<String, String>,
    mysql: String,
}

fn generate(config: &UsersConfig) -> Users {
    let folder = tempfile::tempdir().unwrap();
    let files = write_users(folder.path(), config).unwrap();
    let rows = |path| {
        let text = fs::read_to_string(path).unwrap();
        text.lines().skip(1).map(|line| line.split(',').map(str::to_owned).collect()).collect::<Vec<Vec<String>>>()
    };
    let mut names: Vec<_> = fs::read_dir(&files.vendor).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.sort();
    let page = |path| serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
    let truth = rows(&files.truth).into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    let mysql = fs::read_to_string(&files.mysql).unwrap();
    Users { platform: rows(&files.users), pages: names.into_iter().map(page).collect(), truth, mysql }
}

impl Users {
    fn vendor(&self) -> impl Iterator<Item = &Value> {
        self.pages.iter().flat_map(|page| page["users"].as_array().unwrap())
    }
}

fn small(seed: u64) -> UsersConfig {
    UsersConfig { vendor: 2_500, platform: 3_000, overlap: 0.8, seed }
}

#[test]
fn a_seed_gives_the_same_users_and_another_seed_gives_others() {
    let [one, again, other] = [7, 7, 8].map(|seed| generate(&small(seed)));
    assert!(one.platform == again.platform && one.pages == again.pages && one.mysql == again.mysql);
    assert!(one.platform != other.platform && one.pages != other.pages);
}

#[test]
fn platforms_have_the_users_that_were_asked_for_and_truth_is_one_to_one() {
    for (vendor, platform, overlap, pairs) in
        [(2_500, 3_000, 0.8, 2_000), (1_000, 100, 0.5, 100), (0, 10, 0.5, 0), (0, 0, 0.5, 0)]
    {
        let users = generate(&UsersConfig { vendor, platform, overlap, seed: 3 });
        let here: BTreeSet<&str> = users.platform.iter().map(|row| row[0].as_str()).collect();
        let there: BTreeSet<String> = users.vendor().map(|user| user["id"].to_string()).collect();
        let counts = [here.len(), there.len(), users.truth.len()].map(|count| count as u64);
        assert_eq!(counts, [platform, vendor, pairs]);
        assert_eq!(users.truth.values().collect::<BTreeSet<_>>().len(), users.truth.len());
        assert!(users.truth.iter().all(|(left, right)| here.contains(left.as_str()) && there.contains(right)));
        assert_eq!(users.mysql.matches("\n('").count() as u64, platform);
    }
}

#[test]
fn pages_are_full_but_for_the_last_and_say_how_many_they_are() {
    let users = generate(&small(1));
    let lengths: Vec<usize> = users.pages.iter().map(|page| page["users"].as_array().unwrap().len()).collect();
    assert_eq!(lengths, [1_000, 1_000, 500]);
    for (number, page) in (1..).zip(&users.pages) {
        assert_eq!((page["current_page"].as_u64(), page["total_pages"].as_u64()), (Some(number), Some(3)));
    }
}

#[test]
fn an_exact_join_finds_most_and_not_all() {
    let users = generate(&small(1));
    let key = |cells: [&str; 4]| cells.join("|").to_lowercase().replace('_', " ");
    let mut there: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for user in users.vendor() {
        let text = |name: &str| user[name].as_str().unwrap_or_default();
        let names = ["firstname", "lastname", "specialty", "practice_location"].map(text);
        there.entry(key(names)).or_default().push(user["id"].to_string());
    }
    let found = users.platform.iter().filter(|row| {
        let ids = there.get(&key([&row[2], &row[3], &row[5], &row[8]]));
        ids.is_some_and(|ids| users.truth.get(&row[0]).is_some_and(|id| ids.contains(id)))
    });
    let share = found.count() as f64 / users.truth.len() as f64;
    assert!((0.6..0.85).contains(&share), "{share}");
}

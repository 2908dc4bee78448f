//! The users of two platforms to link, one in MySQL and one behind a paged API, and the pairs that are the same.

use std::{
    fs::{self, File},
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
};

use serde_json::{Value, json};

use super::{
    WINDOW_ROWS,
    people::{Doctor, platform_id, vendor_id},
    random::Random,
    render::{csv_header, csv_row},
    roles::{Role, Roles},
    towns::TOWNS,
};

/// The day as of which the users are written down.
pub const TODAY: &str = "2017-02-02";

/// How large the two platforms are and how much of them is the same.
#[derive(Debug, Clone, PartialEq)]
pub struct UsersConfig {
    /// Users of the vendor; at most 1,000,000,000 on both platforms together.
    pub vendor: u64,
    /// Users of our platform.
    pub platform: u64,
    /// Share of the vendor's users that are on our platform, 0 to 1.
    pub overlap: f64,
    /// Other seeds give other people.
    pub seed: u64,
}

impl Default for UsersConfig {
    fn default() -> Self {
        Self { vendor: 150_000, platform: 200_000, overlap: 0.8, seed: 1 }
    }
}

/// Where [`write_users`] put its files.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UsersFiles {
    /// SQL for MySQL: makes and fills the tables `user` and `user_practice`.
    pub mysql: PathBuf,
    /// CSV of the same users, each with the location of its practice, in order of id.
    pub users: PathBuf,
    /// Folder of the vendor's pages, `page-00001.json` and so on, each as its API answers it.
    pub vendor: PathBuf,
    /// CSV `id_l,id_r`, one row per vendor user that is on our platform; one-to-one.
    pub truth: PathBuf,
}

const USER: &[&str] = &[
    "id",
    "practice_id",
    "firstname",
    "lastname",
    "classification",
    "specialty",
    "platform_registered_on",
    "last_active_date",
];
/// The vendor's users a page.
const PAGE_USERS: u64 = 1_000;
/// Rows of one `INSERT`.
const INSERT_ROWS: u64 = 1_000;

const TABLES: &str = "\
CREATE TABLE user_practice (id INT NOT NULL PRIMARY KEY, name VARCHAR(255), location VARCHAR(255));
CREATE TABLE user (
  id INT NOT NULL PRIMARY KEY, practice_id INT, firstname VARCHAR(255), lastname VARCHAR(255),
  classification VARCHAR(255), specialty VARCHAR(255), platform_registered_on VARCHAR(255), last_active_date DATE
);
";

/// Writes `mysql.sql`, `users.csv`, `truth.csv` and the folder `vendor` into `dir`, which is made if needed.
///
/// Our platform is written with care; the vendor's users have slips, short names, other surnames, towns with
/// underscores, other classifications and gaps. Memory holds at most 65,536 of the vendor's users, which are shuffled
/// within such a window.
///
/// # Errors
/// Those of the file system.
pub fn write_users(dir: &Path, config: &UsersConfig) -> io::Result<UsersFiles> {
    let files = UsersFiles {
        mysql: dir.join("mysql.sql"),
        users: dir.join("users.csv"),
        vendor: dir.join("vendor"),
        truth: dir.join("truth.csv"),
    };
    fs::create_dir_all(&files.vendor)?;
    let mut platform = Platform::create(&files)?;
    let mut pages =
        Pages { folder: &files.vendor, total: config.vendor.div_ceil(PAGE_USERS), written: 0, users: Vec::new() };
    let mut truth = BufWriter::new(File::create(&files.truth)?);
    csv_header(&mut truth, &["id_l", "id_r"])?;
    let wanted = (config.vendor as f64 * config.overlap).round() as u64;
    let mut roles = Roles::new(config.platform, config.vendor, wanted);
    let mut random = Random::new(config.seed);
    let mut window = Vec::new();
    let mut index = 0;
    while let Some(role) = roles.next(&mut random) {
        let doctor = Doctor::any(&mut random);
        if role != Role::RightOnly {
            platform.add(doctor.platform(&mut random, index))?;
        }
        if role != Role::LeftOnly {
            window.push(doctor.vendor(&mut random, index));
        }
        if role == Role::Both {
            csv_row(&mut truth, &[platform_id(index).to_string(), vendor_id(index).to_string()])?;
        }
        if window.len() == WINDOW_ROWS {
            pages.add(&mut random, &mut window)?;
        }
        index += 1;
    }
    pages.add(&mut random, &mut window)?;
    pages.finish()?;
    platform.finish()?;
    truth.flush()?;
    Ok(files)
}

/// The platform's two files, row by row.
struct Platform {
    mysql: BufWriter<File>,
    users: BufWriter<File>,
    rows: u64,
}

impl Platform {
    fn create(files: &UsersFiles) -> io::Result<Self> {
        let mut mysql = BufWriter::new(File::create(&files.mysql)?);
        let mut users = BufWriter::new(File::create(&files.users)?);
        csv_header(&mut users, &[USER, &["practice_location"]].concat())?;
        mysql.write_all(TABLES.as_bytes())?;
        for (place, town) in TOWNS.iter().enumerate() {
            writeln!(mysql, "INSERT INTO user_practice VALUES ({}, 'generic_clinic_{place}', '{town}');", place + 1)?;
        }
        Ok(Self { mysql, users, rows: 0 })
    }

    fn add(&mut self, row: [Option<String>; 8]) -> io::Result<()> {
        let before = if self.rows.is_multiple_of(INSERT_ROWS) { ";\nINSERT INTO user VALUES\n" } else { ",\n" };
        let before = if self.rows == 0 { before.trim_start_matches(";\n") } else { before };
        let literal = |cell: &Option<String>| match cell {
            Some(text) => format!("'{}'", text.replace('\'', "''")),
            None => "NULL".to_owned(),
        };
        write!(self.mysql, "{before}({})", row.iter().map(literal).collect::<Vec<_>>().join(", "))?;
        self.rows += 1;
        let practice = row[1].as_ref().and_then(|id| id.parse::<usize>().ok());
        let location = practice.and_then(|id| TOWNS.get(id - 1)).copied().unwrap_or_default().to_owned();
        let cells: Vec<String> = row.into_iter().map(Option::unwrap_or_default).chain([location]).collect();
        csv_row(&mut self.users, &cells)
    }

    fn finish(mut self) -> io::Result<()> {
        self.mysql.write_all(if self.rows == 0 { b"" } else { b";\n" })?;
        self.mysql.flush()?;
        self.users.flush()
    }
}

/// The vendor's pages; holds the users of one.
struct Pages<'a> {
    folder: &'a Path,
    total: u64,
    written: u64,
    users: Vec<Value>,
}

impl Pages<'_> {
    fn add(&mut self, random: &mut Random, window: &mut Vec<Value>) -> io::Result<()> {
        random.shuffle(window);
        for user in window.drain(..) {
            self.users.push(user);
            if self.users.len() as u64 == PAGE_USERS {
                self.write()?;
            }
        }
        Ok(())
    }

    fn write(&mut self) -> io::Result<()> {
        self.written += 1;
        let users = std::mem::take(&mut self.users);
        let page = json!({ "current_page": self.written, "total_pages": self.total, "users": users });
        fs::write(self.folder.join(format!("page-{:05}.json", self.written)), page.to_string())
    }

    fn finish(mut self) -> io::Result<()> {
        if self.users.is_empty() { Ok(()) } else { self.write() }
    }
}

//! `lotline demo`: the whole chain over generated data, checked against its truth.

use std::path::{Path, PathBuf};

use clap::Args;
use lotline_stages::receipt::Receipt;
use lotline_store::Stores;
use lotline_testkit::generate::{
    OpenHousesConfig, OpenHousesCounts, PropertiesConfig, write_open_houses, write_properties,
};

use super::{LakeArgument, engine, evaluate, run::Run};
use crate::{
    error::CliError,
    inputs::InputArgument,
    job_folder,
    output::{Outcome, print, receipt_text, rows_text},
};

/// Generate data with known truth, run the jobs `properties` and `open-houses` over it, and show what came out.
#[derive(Debug, Args)]
pub(crate) struct Demo {
    /// Folder for the generated files and the lake.
    #[arg(long, value_name = "DIR", default_value = "demo")]
    out: PathBuf,
    /// Folder of the example jobs.
    #[arg(long, value_name = "DIR", default_value = "jobs")]
    jobs: PathBuf,
    /// Rows of each property table.
    #[arg(long, default_value_t = 20_000)]
    rows: u64,
}

impl Demo {
    pub(crate) fn run(self) -> Result<Outcome, CliError> {
        let data = self.out.join("data");
        let lake = self.out.join("lake");
        let stores = LakeArgument::at(&lake).open()?;
        self.properties(&stores, &data)?;
        self.open_houses(&stores, &data)?;
        print(&self.next_steps(&lake))?;
        Ok(Outcome::Done)
    }

    fn properties(&self, stores: &Stores, data: &Path) -> Result<(), CliError> {
        let config = PropertiesConfig { parcels: self.rows, listings: self.rows, ..PropertiesConfig::default() };
        heading(&format!("properties: {0} parcels of an assessor, {0} listings; which are the same?", self.rows))?;
        let files = write_properties(data, &config).map_err(|error| CliError::io(data, error))?;
        let inputs =
            vec![InputArgument::new("assessor", &files.assessor), InputArgument::new("listings", &files.listings)];
        let folder = self.jobs.join("properties");
        self.run_job(stores, &folder, inputs)?;
        show(
            stores,
            "first linked rows",
            "SELECT id_l, id_r, round(match_weight, 1) AS match_weight, situs_address_l, unit_l, address_r, owner_l, \
             owner_name_r FROM properties_linked ORDER BY id_l LIMIT 5",
        )?;
        summary(stores, "properties")?;
        let (_, job) = job_folder::read(&folder)?;
        let evaluation = evaluate::against(stores, &job, &files.truth)?;
        print(&format!("\nagainst the generated truth: {}", evaluate::text(&evaluation)))
    }

    fn open_houses(&self, stores: &Stores, data: &Path) -> Result<(), CliError> {
        let config = OpenHousesConfig::default();
        heading(&format!("open-houses: {} events, some broken, repeated or out of date", config.events))?;
        let files = write_open_houses(data, &config).map_err(|error| CliError::io(data, error))?;
        let inputs = vec![InputArgument::new("open_houses", &files.events)];
        let receipt = self.run_job(stores, &self.jobs.join("open-houses"), inputs)?;
        show(
            stores,
            "first rows",
            "SELECT open_house_key, open_house_date, zipcode, date_modified FROM open_houses LIMIT 5",
        )?;
        show(
            stores,
            "first quarantined rows",
            "SELECT row_number, \"column\", rule, reason FROM open_houses_quarantine ORDER BY row_number LIMIT 3",
        )?;
        summary(stores, "open-houses")?;
        let kept =
            engine(stores)?.query("SELECT open_house_key, replace(date_modified, ' ', 'T') || 'Z' FROM open_houses")?;
        let evaluation =
            evaluate::of(&kept, &files.truth, ["open_house_key", "date_modified"].map(|name| vec![name.to_owned()]))?;
        print(&format!(
            "\nagainst the generated truth: {}  rows: {}\n",
            evaluate::text(&evaluation),
            rows_right(&receipt, &files.counts)
        ))
    }

    fn run_job(&self, stores: &Stores, folder: &Path, inputs: Vec<InputArgument>) -> Result<Receipt, CliError> {
        let run = Run {
            job: folder.to_owned(),
            lake: LakeArgument::at(&self.out.join("lake")),
            inputs,
            set: Vec::new(),
            no_pull: true,
            max_memory: 1 << 30,
            threads: None,
            json: false,
        };
        let receipt = run.receipt(stores)?;
        print(&format!("\n{}", receipt_text(&receipt)))?;
        Ok(receipt)
    }

    fn next_steps(&self, lake: &Path) -> String {
        let (out, lake) = (self.out.display(), lake.display());
        format!(
            "\n== what to try next\n\
             cargo lotline sql --lake {lake} \"SELECT * FROM properties_linked LIMIT 3\"\n\
             cargo lotline sql --lake {lake} \"SELECT rule, count(*) FROM open_houses_quarantine GROUP BY 1\"\n\
             cargo lotline tables --lake {lake}\n\
             cargo lotline run jobs/open-houses --lake {lake} --input open_houses={out}/data/openhouses.json   # changes nothing\n\
             cargo lotline run --help                                             # on your own files\n"
        )
    }
}

fn heading(text: &str) -> Result<(), CliError> {
    print(&format!("\n== {text}\n"))
}

fn show(stores: &Stores, title: &str, query: &str) -> Result<(), CliError> {
    let rows = engine(stores)?.query(query)?;
    print(&format!("\n{title}\n{}", indented(&rows_text(&rows.columns, &rows.rows))))
}

/// The published summary of a job, shortened to what fits a screen.
fn summary(stores: &Stores, job: &str) -> Result<(), CliError> {
    const LONGEST: usize = 40;
    let key = stores.catalog.publication(job)?.and_then(|publication| publication.insights);
    let Some(key) = key else { return Ok(()) };
    let bytes = stores.objects.get(&key)?.unwrap_or_default();
    let text = String::from_utf8_lossy(&bytes);
    let lines: Vec<&str> = text.lines().collect();
    let mut shown = lines[..lines.len().min(LONGEST)].join("\n");
    if lines.len() > LONGEST {
        shown.push_str(&format!("\n... {} more lines", lines.len() - LONGEST));
    }
    print(&format!("\nsummary ({key})\n{}", indented(&shown)))
}

fn indented(text: &str) -> String {
    text.lines().map(|line| format!("  {line}\n")).collect()
}

/// What cleaning found beside what it should have found.
fn rows_right(receipt: &Receipt, truth: &OpenHousesCounts) -> String {
    let Some(found) = receipt.sources.get("open_houses") else { return "no such source".to_owned() };
    let pairs = [
        ("accepted", found.accepted, truth.accepted),
        ("superseded", found.superseded, truth.superseded),
        ("duplicate", found.duplicate, truth.duplicate),
        ("quarantined", found.quarantined, truth.quarantined),
    ];
    pairs.map(|(name, found, expected)| format!("{name} {found} of {expected}")).join(", ")
}

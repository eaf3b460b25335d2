//! `luoshi import`: a document becomes a plan, or a report of why not.

use std::path::PathBuf;

use clap::Args;
use importer::{Note, PlanDraft, Report, Tables};
use store::{ImportOutcome, ImportPlan, Store};

use super::{
    Settings, failed, given,
    keys::{open, open_existing},
    progress::Progress,
};
use crate::plain::read_text;

/// Reads a document (tab-separated text) with the reviewed tables beside it: corrections.tsv, units.tsv, groups.tsv and
/// indicators.tsv in the same folder.
#[derive(Args, Debug)]
pub(super) struct Import {
    /// The document.
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The year of the plan.
    #[arg(long, value_name = "YEAR", value_parser = given::year)]
    year: i32,
    /// Read and report only; change nothing.
    #[arg(long)]
    dry_run: bool,
    /// Publish the plan at once, instead of leaving a draft to the office.
    #[arg(long)]
    publish: bool,
    #[command(flatten)]
    settings: Settings,
}

impl Import {
    pub(super) async fn run(self) -> Result<(), String> {
        let document = read_text(&self.file)?;
        let folder = self
            .file
            .parent()
            .unwrap_or_else(|| std::path::Path::new("."));
        let tables = Tables::load(folder).map_err(|bad| {
            let lines: Vec<String> = bad.iter().map(|bad| format!("  {bad}")).collect();
            format!(
                "the tables beside the document cannot be read:\n{}",
                lines.join("\n")
            )
        })?;
        let reading = importer::read(&document, self.year, &tables);
        print_report(&reading.report);
        let Some(draft) = &reading.plan else {
            return Err(format!(
                "{} problem(s): nothing was imported",
                reading.report.problems.len()
            ));
        };
        print_plan(draft);
        if self.dry_run {
            println!();
            // It needs no database, and makes none; where there is one, it says who is new.
            match self.existing().await {
                Ok(store) => {
                    let new = store.system().new_leaders(draft).await.map_err(failed)?;
                    store.close().await;
                    print_notes("Doubtful", &new);
                }
                Err(why) => println!("No leader was looked for in the register: {why}"),
            }
            println!("Dry run: nothing was imported.");
            return Ok(());
        }
        let store = open(&self.settings.read()?).await?;
        let new = store.system().new_leaders(draft).await.map_err(failed)?;
        print_notes("Doubtful", &new);
        let progress = Progress::begin("importing", "targets");
        let all = draft.targets.len();
        let import = ImportPlan {
            draft,
            document: &document,
            publish: self.publish,
        };
        let outcome = store
            .system()
            .import(import, &|done| progress.reached(done, all))
            .await
            .map_err(failed)?;
        progress.end();
        store.close().await;
        match outcome {
            ImportOutcome::Imported(_) if self.publish => println!("Imported and published."),
            ImportOutcome::Imported(_) => println!("Imported as a draft."),
            ImportOutcome::Unchanged(_) => {
                println!("This document had been imported before: nothing has changed.")
            }
            ImportOutcome::OtherDocument(_) => {
                return Err(format!(
                    "another document has been imported for {}: nothing has changed",
                    self.year
                ));
            }
        }
        Ok(())
    }
}

impl Import {
    async fn existing(&self) -> Result<Store, String> {
        open_existing(&self.settings.read()?).await
    }
}

fn print_notes(what: &str, notes: &[Note]) {
    for Note {
        line,
        column,
        remark,
    } in notes
    {
        let message = remark.english();
        match column {
            Some(column) => println!("{what:>9}  line {line}, column {column}: {message}"),
            None => println!("{what:>9}  line {line}: {message}"),
        }
    }
}

fn print_report(report: &Report) {
    for (what, notes) in [
        ("Corrected", &report.corrections),
        ("Doubtful", &report.doubts),
        ("Problem", &report.problems),
    ] {
        print_notes(what, notes);
    }
}

fn print_plan(draft: &PlanDraft) {
    let sum =
        |count: fn(&importer::TargetDraft) -> usize| draft.targets.iter().map(count).sum::<usize>();
    println!();
    println!("{} {}", draft.title, draft.document_number);
    println!("{}, {}", draft.issuer, draft.issued_on);
    for (what, count) in [
        ("sections", draft.sections.len()),
        ("targets", draft.targets.len()),
        ("leaders", draft.leaders.len()),
        ("units", draft.units.len()),
        ("assignments", sum(|target| target.assignments.len())),
        (
            "designations to make",
            sum(|target| target.designations.len()),
        ),
        ("indicators", sum(|target| target.indicators.len())),
        (
            "of them reviewed",
            sum(|target| {
                target
                    .indicators
                    .iter()
                    .filter(|indicator| indicator.confirmed)
                    .count()
            }),
        ),
    ] {
        println!("{count:>6} {what}");
    }
}

//! `luoshi sweep`: the daily sweep on demand.

use chrono::NaiveDate;
use clap::Args;
use domain::{Clock, clock};
use store::{Sweep as How, Sweeping};

use super::{Settings, failed, given, keys};
use crate::{MachineClock, config::Config};

#[derive(Args, Debug)]
pub(super) struct Sweep {
    #[command(flatten)]
    settings: Settings,
    /// The day to be swept, such as 2022-06-27; otherwise today in China.
    ///
    /// A day that is still to come can be looked at with --dry-run.
    #[arg(long, value_name = "DATE", value_parser = given::day)]
    on: Option<NaiveDate>,
    /// Show the notices that would be issued as things stand now, and change nothing.
    #[arg(long)]
    dry_run: bool,
}

impl Sweep {
    pub(super) async fn run(self) -> Result<(), String> {
        let report = self.sweep(&self.settings.read()?).await?;
        print!("{report}");
        Ok(())
    }

    async fn sweep(&self, config: &Config) -> Result<String, String> {
        let today = clock::day(MachineClock.now());
        let on = self.on.unwrap_or(today);
        if on > today && !self.dry_run {
            return Err(format!(
                "{on} is still to come: add --dry-run to see what would be due"
            ));
        }
        let store = keys::open(config).await?;
        let how = if self.dry_run {
            How::DryRun
        } else {
            How::OnDemand
        };
        let sweeping = store.system().sweep(on, how).await.map_err(failed);
        store.close().await;
        Ok(report(&sweeping?, on, self.dry_run))
    }
}

/// What a sweep came to, to be read: each notice with what it says, then the sum.
fn report(sweeping: &Sweeping, on: NaiveDate, dry_run: bool) -> String {
    let mut text = String::new();
    for notice in &sweeping.notices {
        let period = notice.period.as_deref().unwrap_or_default();
        let line = format!(
            "{} no. {:<3}  {:<6}  {:<14}  {}  {period}",
            notice.year,
            notice.number,
            notice.colour.as_str(),
            notice.rung.as_str(),
            notice.unit,
        );
        text += &format!("{}\n    {}\n", line.trim_end(), notice.body);
    }
    let count = |number: usize, what: &str| match number {
        1 => format!("1 {what}"),
        _ => format!("{number} {what}s"),
    };
    let notices = count(sweeping.notices.len(), "notice");
    let targets = count(sweeping.changed, "target");
    text += &match dry_run {
        true => format!(
            "{on}: {notices} would be issued, {targets} with another light. Nothing was changed.\n"
        ),
        false => format!("{on}: {notices} issued, {targets} with another light.\n"),
    };
    if sweeping.done_before {
        text += "The day was swept before: what is listed has become due since.\n";
    }
    text
}

#[cfg(test)]
mod tests {
    use ::tests::{Backend, TestDatabase, database::Template};
    use entity::kinds::{NoticeColour, NoticeRung};
    use store::SweptNotice;

    use super::*;

    #[test]
    fn the_report_says_what_is_due_and_whether_it_was_done() {
        let notice = |period: Option<&str>| SweptNotice {
            year: 2022,
            number: 12,
            unit: "市发展改革委".to_owned(),
            colour: NoticeColour::Yellow,
            rung: NoticeRung::ReportMissing,
            period: period.map(str::to_owned),
            body: "请补报。".to_owned(),
        };
        let mut sweeping = Sweeping {
            done_before: false,
            notices: vec![notice(Some("2022年6月")), notice(None)],
            changed: 1,
        };
        let on = "2022-06-28".parse().unwrap();
        let listed = "2022 no. 12   YELLOW  REPORT_MISSING  市发展改革委  2022年6月\n    请补报。\n2022 no. 12   YELLOW  REPORT_MISSING  市发展改革委\n    请补报。\n";
        assert_eq!(
            report(&sweeping, on, true),
            format!(
                "{listed}2022-06-28: 2 notices would be issued, 1 target with another light. Nothing was changed.\n"
            )
        );
        sweeping.notices.clear();
        sweeping.done_before = true;
        assert_eq!(
            report(&sweeping, on, false),
            "2022-06-28: 0 notices issued, 1 target with another light.\nThe day was swept before: what is listed has become due since.\n"
        );
    }

    #[tokio::test]
    async fn a_dry_run_changes_nothing_and_a_run_what_it_showed() {
        use entity::{audit_entry, supervision_notice, sweep_run};
        use sea_orm::{EntityTrait, PaginatorTrait};
        let database = TestDatabase::of(Backend::Sqlite, Template::World)
            .await
            .unwrap();
        let db = database.connect().await;
        let config = format!("[database]\nurl = \"{}\"", database.url);
        let config = Config::parse(&config, []).unwrap();
        let run = async |on: &str, dry_run: bool| {
            let sweep = Sweep {
                settings: Settings { config: None },
                on: on.parse().ok(),
                dry_run,
            };
            sweep.sweep(&config).await
        };
        let count = async || {
            (
                supervision_notice::Entity::find().count(&db).await.unwrap(),
                sweep_run::Entity::find().count(&db).await.unwrap(),
                audit_entry::Entity::find().count(&db).await.unwrap(),
            )
        };
        let before = count().await;
        let rehearsed = run("2022-12-31", true).await.unwrap();
        run("2999-12-31", true).await.unwrap();
        assert!(run("2999-12-31", false).await.is_err());
        assert_eq!(count().await, before);
        let swept = run("2022-12-31", false).await.unwrap();
        let lines = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
        let (mut rehearsed, mut swept) = (lines(&rehearsed), lines(&swept));
        assert!(rehearsed.pop().unwrap().ends_with("Nothing was changed."));
        assert!(swept.pop().unwrap().ends_with("with another light."));
        assert_eq!(rehearsed, swept);
        let after = count().await;
        assert!(after.0 >= 194, "a reminder for each target: {after:?}");
        assert_eq!(swept.len() as u64, after.0 * 2);
        assert_eq!(after.1, 1);
        assert_eq!(after.2, before.2 + after.0 + 1);
        run("2022-12-31", false).await.unwrap();
        assert_eq!(count().await.0, after.0);
    }
}

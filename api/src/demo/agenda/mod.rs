//! What happens when, on the days of the year. The same in every run.

mod cases;
mod reports;
mod urging;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use domain::{
    Calendar,
    clock::day,
    period::{PeriodDraft, ReportingRule, periods},
};
use entity::ids::UnitId;

use super::{
    draw::Draw,
    plot::Plot,
    script::{Course, FIRST, Scene, TODAY, date, morning},
};

/// What happens when.
pub(super) struct Agenda<'a> {
    plot: &'a Plot,
    calendar: &'a Calendar,
    /// Whether a unit has a reporter of its own.
    has_reporter: &'a dyn Fn(UnitId) -> bool,
    scenes: Vec<(DateTime<Utc>, Scene)>,
}

impl<'a> Agenda<'a> {
    /// The whole year, until the morning of [`TODAY`], in the order in which it happens.
    pub(super) fn of(
        plot: &'a Plot,
        calendar: &'a Calendar,
        has_reporter: &'a dyn Fn(UnitId) -> bool,
    ) -> Vec<(DateTime<Utc>, Scene)> {
        let mut agenda = Self {
            plot,
            calendar,
            has_reporter,
            scenes: Vec::new(),
        };
        let rule = ReportingRule::default();
        agenda.add(morning(date(2022, 5, 31)), Scene::CreatePeriods(rule));
        agenda.acknowledgements();
        let due = periods(seeds::YEAR, &rule, calendar);
        for period in due.iter().filter(|period| period.ends_on >= FIRST) {
            agenda.reports(period);
        }
        agenda.disputes();
        agenda.refinements();
        agenda.sweeps(&due);
        agenda.notices();
        agenda.instructions();
        agenda.requests();
        let mut scenes = agenda.scenes;
        scenes.retain(|(moment, _)| *moment < morning(TODAY));
        scenes.sort_by_key(|(moment, _)| *moment);
        scenes
    }

    fn add(&mut self, moment: DateTime<Utc>, scene: Scene) {
        self.scenes.push((moment, scene));
    }

    /// A moment of office hours, drawn, on the working day that lies some working days after one.
    fn hour(&self, after: NaiveDate, working_days: u32, draw: Draw) -> DateTime<Utc> {
        let day = self.calendar.on_or_after(after);
        let day = self.calendar.add_working_days(day, working_days);
        morning(day) + TimeDelta::minutes(draw.between(0, 7 * 60))
    }

    /// The targets of a course, by their places in the plot.
    fn of_course(&self, course: Course) -> Vec<(usize, UnitId)> {
        (0..)
            .zip(&self.plot.targets)
            .filter(|(_, target)| Course::of(target.number) == course)
            .filter_map(|(at, target)| Some((at, *target.leads.first()?)))
            .collect()
    }

    /// The server sweeps the day after each due day, and today; most of its notices are answered within the week.
    fn sweeps(&mut self, periods: &[PeriodDraft]) {
        let due = periods
            .iter()
            .map(|period| day(period.due_at) + Days::new(1));
        let days: Vec<NaiveDate> = due.filter(|day| *day > FIRST && *day < TODAY).collect();
        for day in days {
            self.add(morning(day) - TimeDelta::hours(1), Scene::Sweep(day));
            let answers = self.hour(
                day,
                4,
                Draw::about(&[day.to_epoch_days().into()], "answers"),
            );
            self.add(answers, Scene::AnswerOpenNotices);
        }
        self.add(morning(TODAY) - TimeDelta::hours(1), Scene::Sweep(TODAY));
    }
}

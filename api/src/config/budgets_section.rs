//! `[budgets]`: how much each caller may use in a minute.

use edge::{BudgetRules, Limits};

use super::Given;

/// The most of each: what a minute's bucket can still tell apart.
const MOST: u32 = 60_000_000;

/// Reads the section. 0 switches a budget off.
pub(super) fn read(given: &mut Given) -> BudgetRules {
    let default = BudgetRules::default();
    let mut number = |key: &str, default: u32| given.within("budgets", key, default, 0..=MOST);
    let rules = BudgetRules {
        requests: number("requests_per_minute", default.requests),
        cost: number("cost_per_minute", default.cost),
        sign_ins: number("sign_ins_per_minute", default.sign_ins),
        sign_ins_of_name: number("sign_ins_of_name_per_minute", default.sign_ins_of_name),
    };
    let dearest = Limits::default().cost;
    if (1..dearest).contains(&u64::from(rules.cost)) {
        given.problem::<()>(format!(
            "budgets.cost_per_minute must be 0, or at least {dearest}: what one operation may cost"
        ));
    }
    rules
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn parse(text: &str) -> Result<BudgetRules, String> {
        let file = format!("[budgets]\n{text}");
        let config = Config::parse(&file, []).map_err(|problems| problems.join("\n"))?;
        Ok(config.budgets)
    }

    #[test]
    fn defaults_settings_and_their_bounds() {
        assert_eq!(parse(""), Ok(BudgetRules::default()));
        let off = "requests_per_minute = 0\ncost_per_minute = 0\nsign_ins_per_minute = 0\nsign_ins_of_name_per_minute = 0";
        assert_eq!(parse(off), Ok(BudgetRules::NONE));
        for (text, part) in [
            ("requests_per_minute = -1", "budgets.requests_per_minute"),
            (
                "sign_ins_per_minute = 60000001",
                "budgets.sign_ins_per_minute must be 0 to",
            ),
            (
                "cost_per_minute = 49999",
                "budgets.cost_per_minute must be 0, or at least 50000",
            ),
            ("colour = 1", "budgets.colour is not known"),
        ] {
            assert!(parse(text).unwrap_err().contains(part), "{text}");
        }
    }
}
